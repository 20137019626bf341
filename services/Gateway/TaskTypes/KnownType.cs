using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.JsonSchema;

namespace A2A.Micro.Gateway.TaskTypes;

/// <summary>One announcement of a type, ready to be asked.</summary>
public sealed class KnownType
{
    private KnownType(AnnouncedType announced, CompiledSchema? parameters, string? problem) =>
        (Announced, Parameters, SchemaProblem) = (announced, parameters, problem);

    /// <summary>What was announced, and by whom.</summary>
    public AnnouncedType Announced { get; }

    /// <summary>The schema of the parameters; null when there is none, or none that can be used.</summary>
    public CompiledSchema? Parameters { get; }

    /// <summary>Why the schema cannot be used; the agent's own check is then the only one.</summary>
    public string? SchemaProblem { get; }

    /// <summary>Type or pattern.</summary>
    public string Name => Announced.Capability.TaskType;

    /// <summary>Version of the type.</summary>
    public string? Version => Announced.Capability.Version;

    /// <summary>Places in the parameters that hold secrets.</summary>
    public IReadOnlyList<string> Sensitive { get; private init; } = [];

    /// <summary>Places in the result that hold secrets.</summary>
    public IReadOnlyList<string> SensitiveResults { get; private init; } = [];

    /// <summary>Whether somebody who announces it is here.</summary>
    public bool IsLive => Announced.Agents.Any(agent => agent.State is "online" or "draining");

    /// <summary>Reads an announcement.</summary>
    public static KnownType Of(AnnouncedType announced)
    {
        var said = announced.Capability;
        return Compiled(announced).Marked(
            (said.Sensitive ?? []).Concat(SensitiveAttribute.Places(said.ParametersSchema)), SensitiveAttribute.Places(said.ResultSchema));
    }

    private KnownType Marked(IEnumerable<string> parameters, IEnumerable<string> results) => new(Announced, Parameters, SchemaProblem)
    {
        Sensitive = [.. parameters.Distinct(StringComparer.Ordinal)],
        SensitiveResults = [.. results.Distinct(StringComparer.Ordinal)],
    };

    private static KnownType Compiled(AnnouncedType announced)
    {
        if (announced.Capability.ParametersSchema is not { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } schema)
        {
            return new KnownType(announced, null, null);
        }

        try
        {
            return new KnownType(announced, CompiledSchema.From(schema), null);
        }
        catch (InvalidSchemaException e)
        {
            // One agent's mistake must not keep its tasks from being handed in.
            return new KnownType(announced, null, e.Message);
        }
    }

    /// <summary>The same announcement with other agents, or agents in another state.</summary>
    public KnownType With(AnnouncedType announced) =>
        new(announced, Parameters, SchemaProblem) { Sensitive = Sensitive, SensitiveResults = SensitiveResults };

    /// <summary>Whether tasks of this type may go to those who announce it.</summary>
    public bool Covers(string taskType)
    {
        var (name, version) = TaskTypeName.Split(taskType);
        return Name.EndsWith('*') ? TypePattern.Covers(Name, taskType) : Name == name && (version is null || version == Version);
    }
}
