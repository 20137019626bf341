using System.Reflection;
using System.Text.RegularExpressions;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Testing;
using MassTransit;

namespace A2A.Micro.Contracts.Tests;

/// <summary>docs/protocol.md lists what there is: every message with every field, and nothing else.</summary>
[Trait("Requirement", "4")]
public sealed partial class ProtocolDocTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "protocol.md"));

    [Fact]
    public void Every_message_is_described_and_nothing_that_is_none() => Assert.Equal(
        Messages().Select(Name).Order(StringComparer.Ordinal),
        Rows().Select(row => row.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_message_is_described_with_its_fields()
    {
        var described = Rows().ToDictionary(row => row.Name, row => row.Fields);
        Assert.All(Messages(), message =>
        {
            var fields = WireJson.Options.GetTypeInfo(message).Properties.Select(property => property.Name);
            Assert.Equal(Name(message) + ": " + string.Join(" ", fields.Order(StringComparer.Ordinal)),
                Name(message) + ": " + string.Join(" ", described[Name(message)].Order(StringComparer.Ordinal)));
        });
    }

    private static IEnumerable<Type> Messages() =>
        typeof(WireJson).Assembly.GetExportedTypes().Where(type => type.GetCustomAttribute<MessageUrnAttribute>() is not null);

    private static string Name(Type message) => message.GetCustomAttribute<EntityNameAttribute>()!.EntityName;

    // | `name` | from | to | `field` `field` | key |
    private static IEnumerable<(string Name, string[] Fields)> Rows() =>
        from line in Lines
        let cells = line.Split('|')
        where cells.Length == 7 && Word().IsMatch(cells[1])
        select (Word().Match(cells[1]).Groups[1].Value, Word().Matches(cells[4]).Select(field => field.Groups[1].Value).ToArray());

    [GeneratedRegex("`([a-z_.]+)`")]
    private static partial Regex Word();
}
