using System.Reflection;
using MassTransit;

namespace A2A.Micro.Architecture.Tests;

/// <summary>Rules about messages: the wire name stands on the type, once for the envelope and once for the exchange.</summary>
internal static class ContractRules
{
    /// <summary>A type with either attribute is a message.</summary>
    public static bool IsMessage(Type type) =>
        type.IsDefined(typeof(MessageUrnAttribute), inherit: false) || type.IsDefined(typeof(EntityNameAttribute), inherit: false);

    /// <summary>Envelope and exchange carry the same name, in the protocol's own form.</summary>
    public static IEnumerable<string> NamesAgree(Type message)
    {
        var urn = message.GetCustomAttribute<MessageUrnAttribute>(inherit: false)?.Urn.ToString();
        var entity = message.GetCustomAttribute<EntityNameAttribute>(inherit: false)?.EntityName;
        return urn is not null && entity is not null && urn.EndsWith($"a2a:{entity}", StringComparison.Ordinal)
            && !urn.StartsWith("urn:message:", StringComparison.Ordinal)
            ? []
            : [$"{message.Name}: envelope {urn ?? "without a name"}, exchange {entity ?? "without a name"}"];
    }

    /// <summary>A message is a fact: sealed, and set once.</summary>
    public static IEnumerable<string> MessagesAreFacts(Type message) =>
        message.GetProperties().Where(property => property.SetMethod is { } set && !set.ReturnParameter
                .GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit)))
            .Select(property => $"{message.Name}.{property.Name} can be changed after it was set")
            .Concat(message.IsSealed ? [] : [$"{message.Name} is not sealed"]);

    /// <summary>Two messages with one name could not be told apart.</summary>
    public static IEnumerable<string> NamesAreUnique(IEnumerable<Type> messages) =>
        messages.GroupBy(type => type.GetCustomAttribute<EntityNameAttribute>()?.EntityName).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key} is the name of {string.Join(" and ", same.Select(type => type.Name))}");
}
