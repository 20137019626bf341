using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.TaskTypes;

/// <summary>Every type that is known.</summary>
public sealed record TaskTypeListView
{
    /// <summary>By name, then the newest version first; without schemas.</summary>
    public required IReadOnlyList<TaskTypeView> TaskTypes { get; init; }
}

/// <summary>A task type as agents announce it.</summary>
public sealed record TaskTypeView
{
    /// <summary>Type name, or a pattern such as <c>data.*</c>.</summary>
    public required string TaskType { get; init; }

    /// <summary>Its version; submit <c>type@version</c> to get this one.</summary>
    public string? Version { get; init; }

    /// <summary>What the work is.</summary>
    public string? Description { get; init; }

    /// <summary>Whether somebody who does it is here.</summary>
    public required bool Live { get; init; }

    /// <summary>Who does it, by id.</summary>
    public required IReadOnlyList<TypeAgent> Agents { get; init; }

    /// <summary>What a task gets where its submission says nothing: the operator's word, then the agent's, then that of its class.</summary>
    public required TaskTypeProfile Profile { get; init; }

    /// <summary>JSON pointers into the parameters that hold secrets.</summary>
    public IReadOnlyList<string>? Sensitive { get; init; }

    /// <summary>JSON Schema 2020-12 of the parameters; not in lists.</summary>
    public JsonElement? ParametersSchema { get; init; }

    /// <summary>JSON Schema 2020-12 of the result; not in lists.</summary>
    public JsonElement? ResultSchema { get; init; }

    /// <summary>Why the schema of the parameters cannot be used at submission; the agent still checks.</summary>
    public string? SchemaProblem { get; init; }

    /// <summary>The view of an announcement.</summary>
    public static TaskTypeView Of(KnownType type, TypeCatalogue types, bool whole) => new()
    {
        TaskType = type.Name,
        Version = type.Version,
        Description = type.Announced.Capability.Description,
        Live = type.IsLive,
        Agents = type.Announced.Agents,
        Profile = type.Name.EndsWith('*')
            ? type.Announced.Capability.Profile ?? new TaskTypeProfile()
            : types.ProfileOf(TaskTypeName.Join(type.Name, type.Version)),
        Sensitive = type.Announced.Capability.Sensitive,
        ParametersSchema = whole ? type.Announced.Capability.ParametersSchema : null,
        ResultSchema = whole ? type.Announced.Capability.ResultSchema : null,
        SchemaProblem = type.SchemaProblem,
    };
}
