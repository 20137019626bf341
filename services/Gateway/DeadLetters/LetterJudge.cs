using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using MassTransit.Serialization;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>Whether the message of a letter fits the contract of this process: it is read as its receiver would read it. Pure.</summary>
internal static class LetterJudge
{
    private static readonly FrozenDictionary<string, Type> Messages = typeof(ContractVersion).Assembly.GetExportedTypes()
        .Select(type => (Type: type, Name: type.GetCustomAttribute<EntityNameAttribute>()?.EntityName))
        .Where(message => message.Name is not null)
        .ToFrozenDictionary(message => message.Name!, message => message.Type, StringComparer.Ordinal);

    /// <summary>A message whose type or form is not known fits nothing.</summary>
    public static bool Fits(DeadLetterRow letter)
    {
        if (letter.MessageType is not { } name || !Messages.TryGetValue(name, out var type)) { return false; }
        try
        {
            return DeadLetterRules.MessageOf(letter.Body)?.Deserialize(type, SystemTextJsonMessageSerializer.Options) is not null;
        }
#pragma warning disable CA1031 // whatever a message of anybody does to its reader, it does not fit; the letters behind it are judged all the same
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
