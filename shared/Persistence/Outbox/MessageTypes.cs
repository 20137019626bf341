using System.Collections.Concurrent;
using System.Reflection;
using MassTransit;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>Message URN to type and back, over every assembly of ours: a stored message must find its type again after a restart.</summary>
public static class MessageTypes
{
    private static readonly ConcurrentDictionary<string, Type> Known = new(StringComparer.Ordinal);

    /// <summary>The URN of a message type.</summary>
    public static string NameOf(Type type)
    {
        var urn = MessageUrn.ForTypeString(type);
        _ = Known.TryAdd(urn, type);
        return urn;
    }

    /// <summary>The type of a URN.</summary>
    /// <exception cref="InvalidOperationException">No loaded assembly of ours has it.</exception>
    public static Type Find(string urn) => Known.GetOrAdd(urn, static wanted =>
        AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name!.StartsWith("A2A.Micro.", StringComparison.Ordinal))
            .SelectMany(assembly => assembly.GetTypes())
            .FirstOrDefault(type => type.GetCustomAttribute<MessageUrnAttribute>() is not null
                && MessageUrn.ForTypeString(type) == wanted)
        ?? throw new InvalidOperationException($"no message type is called {wanted}"));
}
