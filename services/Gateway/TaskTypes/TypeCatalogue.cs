using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.TaskTypes;

/// <summary>
/// What is known about task types and the agents that do them at one moment: what they announce, and what the operator says. Immutable. A type that nobody has
/// announced is not checked and never an error: its agents may come later, and check themselves.
/// </summary>
public sealed class TypeCatalogue
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");
    private readonly IReadOnlyDictionary<string, KnownType> _byAnnouncement;
    private readonly IReadOnlyList<TypeDefault> _operator;

    private readonly IReadOnlyList<AgentProfile> _fleet;

    private TypeCatalogue(
        IReadOnlyDictionary<string, KnownType> types, IReadOnlyList<TypeDefault> said, IReadOnlyList<AgentProfile> fleet)
    {
        (_byAnnouncement, _operator, _fleet) = (types, said, fleet);
        // What was meant most exactly comes first, then the newest.
        Types =
        [
            .. types.Values.OrderByDescending(type => !type.Name.EndsWith('*')).ThenByDescending(type => type.Name.Length)
                .ThenBy(type => type.Name, StringComparer.Ordinal)
                .ThenByDescending(type => type.Version, Comparer<string?>.Create(TaskTypeName.CompareVersions)),
        ];
    }

    /// <summary>Every announcement: names before patterns, long before short, new before old.</summary>
    public IReadOnlyList<KnownType> Types { get; }

    /// <summary>Nothing is known but what the operator says.</summary>
    public static TypeCatalogue Empty(IReadOnlyList<TypeDefault> said) => new(new Dictionary<string, KnownType>(), said, []);

    /// <summary>What is known now; schemas that were known before are not read again.</summary>
    public TypeCatalogue Next(TaskTypeList list)
    {
        var types = new Dictionary<string, KnownType>(StringComparer.Ordinal);
        foreach (var announced in list.Types)
        {
            var key = JsonSerializer.Serialize(announced.Capability, WireJson.Options);
            types[key] = _byAnnouncement.TryGetValue(key, out var known) ? known.With(announced) : KnownType.Of(announced);
        }

        return new TypeCatalogue(types, _operator, list.Agents);
    }

    /// <summary>
    /// What is against a complete submission because no agent that is known could ever run it, however idle; null when somebody could, when
    /// nobody is known who does this work, and when the task would rather wait.
    /// </summary>
    public Infeasibility? Infeasible(SubmitTask task) =>
        task.OnInfeasible == OnInfeasible.Wait ? null : Feasibility.Of(TaskDemand.Of(task), _fleet);

    /// <summary>Whether somebody who may get the task has announced its type.</summary>
    public bool Knows(SubmitTask task) => Announced(task).Any();

    /// <summary>
    /// What is wrong with the parameters: they must fit the schema of somebody who may get the task. While several schemas are announced
    /// (a new version is rolled out) one is enough, and the mistakes are those of the newest. Agents that are away count only when
    /// nobody is here.
    /// </summary>
    public IReadOnlyList<FieldError> Check(SubmitTask task)
    {
        var parameters = task.Parameters is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } given ? given : Nothing;
        IReadOnlyList<FieldError>? first = null;
        foreach (var type in Candidates(task))
        {
            if (type.Parameters is null) { return []; }
            var errors = type.Parameters.Validate(parameters);
            if (errors.Count == 0) { return []; }
            first ??=
            [
                .. errors.Select(error => new FieldError(
                    "#/parameters" + error.Pointer[1..], error.Message, ErrorKind.InvalidParameters.Code)),
            ];
        }

        return first ?? [];
    }

    /// <summary>The task with what it leaves open filled in: by the operator, then by who announces the type, then by its class.</summary>
    public SubmitTask Complete(SubmitTask task, DateTimeOffset now) => Mark(Profile(task).Complete(task, now));

    /// <summary>What a task of this type gets where its submission says nothing.</summary>
    public TaskTypeProfile ProfileOf(string taskType) => Profile(new SubmitTask { TaskId = "", TaskType = taskType });

    // Everybody's marks: whichever of them gets it, what one of them holds for a secret is none of the others' business.
    private SubmitTask Mark(SubmitTask task)
    {
        var types = Candidates(task);
        return types.TrueForAll(type => type is { Sensitive.Count: 0, SensitiveResults.Count: 0 }) ? task : task with
        {
            Sensitive = Together(task.Sensitive, types.SelectMany(type => type.Sensitive)),
            SensitiveResults = Together(task.SensitiveResults, types.SelectMany(type => type.SensitiveResults)),
        };
    }

    private static List<string>? Together(IReadOnlyList<string>? said, IEnumerable<string> marked) =>
        (said ?? []).Concat(marked).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } all ? all : null;

    private TaskTypeProfile Profile(SubmitTask task)
    {
        var type = Type(task);
        var (name, _) = TaskTypeName.Split(type);
        var said = _operator.Where(one => TypePattern.Covers(one.Type, name))
            .OrderByDescending(one => one.Type == name).ThenByDescending(one => one.Type.Length)
            .Aggregate(new TaskTypeProfile(), (profile, one) => profile.Or(one.Profile));
        return said.Or(Candidates(task).FirstOrDefault()?.Announced.Capability.Profile).Or(ComplexityClass.Of(type));
    }

    private List<KnownType> Candidates(SubmitTask task)
    {
        var covering = Announced(task).ToList();
        return covering.Exists(known => known.IsLive) ? covering.FindAll(known => known.IsLive) : covering;
    }

    private IEnumerable<KnownType> Announced(SubmitTask task)
    {
        var type = Type(task);
        return Types.Where(known => known.Covers(type)
            && (task.ResponderAgentId is not { } agent || known.Announced.Agents.Any(one => one.AgentId == agent)));
    }

    private static string Type(SubmitTask task) => task.TaskType.Length > 0 ? task.TaskType : task.Type ?? "";
}
