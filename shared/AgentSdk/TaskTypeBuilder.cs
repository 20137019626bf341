using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.JsonSchema;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// Says more about a task type than its handler does: version, schemas, and what a task gets where its submission says nothing. Nothing
/// of it is needed: the schemas are derived from the handler's records, with the attributes on their members
/// (<see cref="WireSchema"/>).
/// </summary>
public sealed class TaskTypeBuilder
{
    private readonly List<string> sensitive = [];
    private JsonElement? parameters;
    private JsonElement? result;
    private string? version;
    private string? description;
    private TaskTypeProfile profile = new();

    internal TaskTypeBuilder()
    {
    }

    /// <summary>Version of the type, 1..32 characters of <c>[A-Za-z0-9._-]</c>; submissions may ask for it: <c>data.analysis@2</c>.</summary>
    public TaskTypeBuilder Version(string text)
    {
        if (!TaskTypeName.IsVersion(text)) { throw new ArgumentException($"'{text}' is not a version such as 2 or 1.4"); }
        version = text;
        return this;
    }

    /// <summary>What the work is, for people; at most 1000 characters.</summary>
    public TaskTypeBuilder Description(string text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, 1000, nameof(text));
        description = text;
        return this;
    }

    /// <summary>How urgent a task is that does not say so: 1 low .. 4 critical.</summary>
    public TaskTypeBuilder Priority(int priority) => With(profile with { Priority = priority });

    /// <summary>Time from submission to the deadline of a task that has none; a second to a year.</summary>
    public TaskTypeBuilder Timeout(TimeSpan timeout) => With(profile with { TimeoutS = timeout.TotalSeconds });

    /// <summary>What a task needs that does not say so. GiB are 2^30 bytes.</summary>
    public TaskTypeBuilder Requires(double cpuCores, double memoryGb, double storageGb = 0, int gpuUnits = 0) => With(profile with
    {
        Requirements = new Requirements
        {
            CpuCores = cpuCores,
            MemoryGb = memoryGb,
            StorageGb = storageGb,
            GpuUnits = gpuUnits == 0 ? null : gpuUnits,
        },
    });

    /// <summary>What happens after a failed attempt of a task that does not say so.</summary>
    public TaskTypeBuilder Retry(RetryRule rule) => With(profile with { Retry = rule });

    /// <summary>A JSON pointer into the parameters, such as <c>/api_key</c>, to a secret. <see cref="SensitiveAttribute"/> says the same.</summary>
    public TaskTypeBuilder Sensitive(string pointer)
    {
        if (!pointer.StartsWith('/')) { throw new ArgumentException($"'{pointer}' is not a JSON pointer such as /api_key"); }
        sensitive.Add(pointer);
        return this;
    }

    /// <summary>A schema for the parameters in place of the derived one.</summary>
    /// <exception cref="InvalidSchemaException">It is none.</exception>
    public TaskTypeBuilder Parameters(JsonElement schema)
    {
        _ = CompiledSchema.From(schema);
        parameters = schema.Clone();
        return this;
    }

    /// <summary>A schema for the result in place of the derived one.</summary>
    /// <exception cref="InvalidSchemaException">It is none.</exception>
    public TaskTypeBuilder Result(JsonElement schema)
    {
        _ = CompiledSchema.From(schema);
        result = schema.Clone();
        return this;
    }

    internal AgentCapability Build(string pattern, Type taken, Type made)
    {
        var schema = parameters ?? HandlerJson.Schema(taken);
        var marked = SensitiveAttribute.Places(schema).Concat(sensitive).Distinct(StringComparer.Ordinal).ToList();
        return new AgentCapability
        {
            TaskType = pattern,
            ParametersSchema = schema,
            ResultSchema = result ?? HandlerJson.Schema(made),
            Version = version,
            Description = description,
            Profile = profile == new TaskTypeProfile() ? null : profile,
            Sensitive = marked.Count == 0 ? null : marked,
        };
    }

    private TaskTypeBuilder With(TaskTypeProfile wanted)
    {
        profile = wanted.Check("#").FirstOrDefault() is { } wrong ? throw new ArgumentException($"{wrong.Pointer}: {wrong.Detail}") : wanted;
        return this;
    }
}
