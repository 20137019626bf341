using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.AgentSdk;

/// <summary>Says what an agent can hold and what it can do.</summary>
public sealed class AgentBuilder
{
    private readonly List<HandlerBinding> handlers = [];
    private AgentCapacity capacity = new() { Slots = 1, CpuCores = 1, MemoryGb = 1 };
    private readonly Dictionary<string, string> labels = new(StringComparer.Ordinal);
    private string? version;

    internal AgentBuilder()
    {
    }

    /// <summary>Tasks at once, 1..10000; 1 unless said.</summary>
    public AgentBuilder Slots(int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, 10_000);
        capacity = capacity with { Slots = slots };
        return this;
    }

    /// <summary>What all tasks together may use; one core and one GiB unless said. GiB are 2^30 bytes.</summary>
    public AgentBuilder Capacity(double cpuCores, double memoryGb, double storageGb = 0, int gpuUnits = 0)
    {
        capacity = capacity with
        {
            CpuCores = cpuCores,
            MemoryGb = memoryGb,
            StorageGb = storageGb,
            GpuUnits = capacity.GpuIds?.Count ?? gpuUnits,
        };
        return this;
    }

    /// <summary>Its GPUs by name, as <c>CUDA_VISIBLE_DEVICES</c> takes them; each attempt gets its own. Says how many there are, too.</summary>
    /// <exception cref="ArgumentException">Not 1..64 characters of <c>[A-Za-z0-9._:-]</c>, or said twice.</exception>
    public AgentBuilder Gpus(params IReadOnlyList<string> devices)
    {
        if (AgentOptions.DevicesProblem(devices) is { } problem) { throw new ArgumentException(problem, nameof(devices)); }
        capacity = capacity with { GpuIds = devices, GpuUnits = devices.Count };
        return this;
    }

    /// <summary>Something that tasks may ask for, such as <c>zone</c> = <c>eu</c>; the operator may say otherwise (<c>Agent__Labels</c>).</summary>
    /// <exception cref="ArgumentException">A name or value that is none, or a name of the system (<c>a2a.</c>).</exception>
    public AgentBuilder Label(string name, string value)
    {
        if (AgentOptions.LabelProblem(name, value) is { } problem) { throw new ArgumentException(problem, nameof(name)); }
        labels[name] = value;
        return this;
    }

    /// <summary>Version of the agent's program; tasks may ask for it as the label <c>a2a.version</c>.</summary>
    public AgentBuilder Version(string text)
    {
        version = text;
        return this;
    }

    /// <summary>Handles a task type, or a pattern such as <c>data.*</c>, with a function.</summary>
    /// <param name="taskType">The type; its version, if any, is said by <paramref name="describe"/>.</param>
    /// <param name="work">Does the work.</param>
    /// <param name="describe">Says more about the type: version, defaults, schemas.</param>
    /// <exception cref="ArgumentException">Not a task type, or handled already.</exception>
    public AgentBuilder Handle<TIn, TOut>(
        string taskType, Func<TIn, TaskContext, Task<TOut>> work, Action<TaskTypeBuilder>? describe = null) =>
        Add(new HandlerBinding<TIn, TOut>(Capability<TIn, TOut>(taskType, describe), _ => new FunctionHandler<TIn, TOut>(work)));

    /// <summary>Handles a task type with a class that is made per attempt and gets its dependencies from the container.</summary>
    /// <param name="taskType">The type; its version, if any, is said by <paramref name="describe"/>.</param>
    /// <param name="describe">Says more about the type: version, defaults, schemas.</param>
    /// <exception cref="ArgumentException">Not a task type, or handled already.</exception>
    public AgentBuilder Handle<TIn, TOut, THandler>(string taskType, Action<TaskTypeBuilder>? describe = null)
        where THandler : class, ITaskHandler<TIn, TOut> =>
        Add(new HandlerBinding<TIn, TOut>(
            Capability<TIn, TOut>(taskType, describe), static services => ActivatorUtilities.GetServiceOrCreateInstance<THandler>(services)));

    internal AgentDefinition Build(string agentId)
    {
        if (!TaskRules.IsAgentId(agentId))
        {
            throw new ArgumentException("an agent id has 1 to 64 characters from A-Z a-z 0-9 . _ -", nameof(agentId));
        }

        return handlers.Count == 0
            ? throw new InvalidOperationException($"agent {agentId} handles nothing: call Handle")
            : new AgentDefinition(agentId, capacity, version, labels, [.. handlers]);
    }

    private static AgentCapability Capability<TIn, TOut>(string taskType, Action<TaskTypeBuilder>? describe)
    {
        if (!TypePattern.IsPattern(taskType) || taskType.Contains('@', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{taskType}' is not a task type such as data.analysis or data.*");
        }

        var builder = new TaskTypeBuilder();
        describe?.Invoke(builder);
        return builder.Build(taskType, typeof(TIn), typeof(TOut));
    }

    private AgentBuilder Add(HandlerBinding handler)
    {
        if (handlers.Exists(known => known.Pattern == handler.Pattern && known.Version == handler.Version))
        {
            throw new ArgumentException($"'{handler.Pattern}' is handled already");
        }

        handlers.Add(handler);
        return this;
    }

    private sealed class FunctionHandler<TIn, TOut>(Func<TIn, TaskContext, Task<TOut>> work) : ITaskHandler<TIn, TOut>
    {
        public Task<TOut> Handle(TIn parameters, TaskContext context) => work(parameters, context);
    }
}
