using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// The last look at a message before it is written (requirement 38): what its contract calls required is there, and numbers are numbers. One compiled
/// check per type, a few nanoseconds; what fails is not sent.
/// </summary>
public static class WireGuard
{
    private static readonly ConcurrentDictionary<Type, Func<object, string?>> Checks = new();
    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly Lock Reading = new();

    /// <summary>Refuses a message that breaks its contract.</summary>
    /// <exception cref="ProtocolException">MSG002, with the message's name and the field.</exception>
    public static void Check(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Checks.GetOrAdd(message.GetType(), Compile)(message) is { } field) { throw Failed(message, $"{field} is required"); }
    }

    /// <summary>The refusal of a message that cannot be written.</summary>
    public static ProtocolException Failed(object message, string why)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new ProtocolException(ErrorKind.Serialization, $"Failed to serialize {WireName(message.GetType())}: {why}");
    }

    private static string WireName(Type type) => type.GetCustomAttribute<MassTransit.EntityNameAttribute>()?.EntityName ?? type.Name;

    // The name of the first required member that is null; null when there is none.
    private static Func<object, string?> Compile(Type type)
    {
        var message = Expression.Parameter(typeof(object));
        var typed = Expression.Convert(message, type);
        Expression body = Expression.Constant(null, typeof(string));
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsRequired).Reverse())
        {
            body = Expression.Condition(
                Expression.ReferenceEqual(Expression.Property(typed, property), Expression.Constant(null)),
                Expression.Constant("#/" + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), typeof(string)), body);
        }

        return Expression.Lambda<Func<object, string?>>(body, message).Compile();
    }

    private static bool IsRequired(PropertyInfo property)
    {
        if (property.PropertyType.IsValueType || property.GetMethod is null || property.GetIndexParameters().Length > 0) { return false; }
        // The context keeps what it has read, and is not made for several readers.
        lock (Reading)
        {
            return property.GetCustomAttribute<RequiredMemberAttribute>() is not null
                && Nullability.Create(property).ReadState == NullabilityState.NotNull;
        }
    }
}
