using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Contracts.Tests;

/// <summary>What makes a submission well formed.</summary>
[Trait("Requirement", "17")]
public sealed class TaskRulesTests
{
    private const string IdLetters = "abcXYZ019._:~-";
    private const string TypeLetters = "abcXYZ019_-";

    private static readonly DateTimeOffset Now = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly SubmitTask Valid = new()
    {
        TaskId = "task-1",
        TaskType = "data.analysis",
        Priority = 3,
        Deadline = Now.AddMinutes(1),
        Requirements = new Requirements { CpuCores = 0.5, MemoryGb = 2, StorageGb = 1, GpuUnits = 1 },
        RequesterAgentId = "someone",
        Retry = new RetryRule { MaxAttempts = 3, InitialBackoffS = 1, MaxBackoffS = 60 },
    };

    /// <summary>Each field violated in turn: what is wrong, where it is said to be, and as what.</summary>
    public static TheoryData<string, string, SubmitTask> Violations => new()
    {
        { "#/task_id", "MSG001", Valid with { TaskId = "" } },
        { "#/task_id", "MSG001", Valid with { TaskId = "with space" } },
        { "#/task_id", "MSG001", Valid with { TaskId = "ümlaut" } },
        { "#/task_id", "MSG001", Valid with { TaskId = new string('a', 129) } },
        { "#/task_type", "MSG001", Valid with { TaskType = "" } },
        { "#/task_type", "MSG001", Valid with { TaskType = "data..analysis" } },
        { "#/task_type", "MSG001", Valid with { TaskType = "data.analysis." } },
        { "#/task_type", "MSG001", Valid with { TaskType = "data.*" } },
        { "#/task_type", "MSG001", Valid with { TaskType = new string('a', 129) } },
        { "#/type", "MSG001", Valid with { Type = "another.type" } },
        { "#/priority", "MSG001", Valid with { Priority = -1 } },
        { "#/priority", "MSG001", Valid with { Priority = 5 } },
        { "#/deadline", "DEADLINE_IMPOSSIBLE", Valid with { Deadline = Now } },
        { "#/deadline", "DEADLINE_IMPOSSIBLE", Valid with { Deadline = Now.AddDays(-1) } },
        { "#/requirements/cpu_cores", "MSG001", Needs(new() { CpuCores = -1 }) },
        { "#/requirements/cpu_cores", "MSG001", Needs(new() { CpuCores = 1024.1 }) },
        { "#/requirements/cpu_cores", "MSG001", Needs(new() { CpuCores = double.NaN }) },
        { "#/requirements/memory_gb", "MSG001", Needs(new() { MemoryGb = 65_537 }) },
        { "#/requirements/memory_gb", "MSG001", Needs(new() { MemoryGb = double.PositiveInfinity }) },
        { "#/requirements/storage_gb", "MSG001", Needs(new() { StorageGb = 1_048_577 }) },
        { "#/requirements/gpu_units", "MSG001", Needs(new() { GpuUnits = -1 }) },
        { "#/requirements/gpu_units", "MSG001", Needs(new() { GpuUnits = 65 }) },
        { "#/responder_agent_id", "MSG001", Valid with { ResponderAgentId = "a/b" } },
        { "#/responder_agent_id", "MSG001", Valid with { ResponderAgentId = new string('a', 65) } },
        { "#/responder_agent_id", "MSG001", Valid with { Mode = TaskMode.Direct } },
        { "#/requester_agent_id", "MSG001", Valid with { RequesterAgentId = "a b" } },
        { "#/mode", "MSG001", Valid with { Mode = TaskMode.Routed, ResponderAgentId = "agent-1" } },
        { "#/mode", "UNSUPPORTED_REQUEST", Valid with { Mode = TaskMode.Unknown } },
        { "#/not_before", "DEADLINE_IMPOSSIBLE", Valid with { Deadline = Now.AddHours(1), NotBefore = Now.AddHours(1) } },
        { "#/dependencies", "PAYLOAD_TOO_LARGE", WaitsFor([.. Enumerable.Range(0, 101).Select(n => On($"d{n}"))]) },
        { "#/dependencies/0", "MSG001", WaitsFor(On("not an id")) },
        { "#/dependencies/0", "MSG001", WaitsFor(On(Valid.TaskId)) },
        { "#/dependencies/1", "MSG001", WaitsFor(On("a"), On("a") with { Condition = DependencyCondition.Failure }) },
        { "#/dependencies/0/condition", "UNSUPPORTED_REQUEST", WaitsFor(On("a") with { Condition = DependencyCondition.Unknown }) },
        { "#/dependencies/0/on_unsatisfied", "UNSUPPORTED_REQUEST", WaitsFor(On("a") with { OnUnsatisfied = UnsatisfiedPolicy.Unknown }) },
        { "#/dependencies/0/map", "MSG001", WaitsFor(On("a") with { Map = new Dictionary<string, string>() }) },
        { "#/dependencies/0/map", "MSG001", WaitsFor(Passing("/x", "/y") with { Condition = DependencyCondition.Started }) },
        { "#/dependencies/0/map", "MSG001", WaitsFor(Passing("/x", "/y") with { Condition = DependencyCondition.Failure }) },
        { "#/dependencies/0/map/x", "MSG001", WaitsFor(Passing("x", "/y")) },
        { "#/dependencies/0/map/~1x", "MSG001", WaitsFor(Passing("/x", "y")) },
        { "#/dependencies/0/map/~1x", "MSG001", WaitsFor(Passing("/x", "/a~2")) },
        { "#/dependencies/1/map/~1x", "MSG001", WaitsFor(Passing("/x", "/y"), Passing("/x", "/y/z") with { TaskId = "b" }) },
        { "#/dependencies/0/map/~1x", "MSG001", WaitsFor(Passing("/x", "/y/z")) with { Parameters = JsonSerializer.SerializeToElement(new { y = 1 }) } },
        { "#/timeout_s", "MSG001", Valid with { TimeoutS = 60 } },
        { "#/timeout_s", "MSG001", Valid with { Deadline = null, TimeoutS = 0.5 } },
        { "#/timeout_s", "MSG001", Valid with { Deadline = null, TimeoutS = double.NaN } },
        { "#/on_parent_end", "MSG001", Valid with { OnParentEnd = ParentEnd.Cancel } },
        { "#/on_parent_end", "UNSUPPORTED_REQUEST", Valid with { ParentTaskId = "p", OnParentEnd = ParentEnd.Unknown } },
        { "#/task_type", "MSG001", Valid with { TaskType = "a2a.internal" } },
        { "#/metadata", "MSG001", Valid with { Metadata = JsonElement.Parse("""{"a2a.mine":1}""") } },
        { "#/metadata", "MSG001", Valid with { Metadata = JsonElement.Parse("7") } },
        { "#/retry/max_attempts", "MSG001", Valid with { Retry = new() { MaxAttempts = 0 } } },
        { "#/retry/max_attempts", "MSG001", Valid with { Retry = new() { MaxAttempts = 21 } } },
        { "#/retry/initial_backoff_s", "MSG001", Valid with { Retry = new() { InitialBackoffS = -1 } } },
        { "#/retry/initial_backoff_s", "MSG001", Valid with { Retry = new() { InitialBackoffS = double.NaN } } },
        { "#/retry/max_backoff_s", "MSG001", Valid with { Retry = new() { MaxBackoffS = 86_401 } } },
    };

    private static Dependency On(string id) => new() { TaskId = id };

    private static Dependency Passing(string source, string target) =>
        On("a") with { Map = new Dictionary<string, string> { [source] = target } };

    private static SubmitTask WaitsFor(params Dependency[] dependencies) => Valid with { Dependencies = dependencies };

    private static Gen<SubmitTask> AnyValid =>
        from id in Name(IdLetters, TaskRules.NameLengthMax)
        from segments in Name(TypeLetters, 20).NonEmptyListOf().Where(list => list.Count <= 6)
        from alias in Gen.Elements(true, false)
        from priority in Gen.Choose(0, 4)
        from seconds in Gen.Choose(-1, 100_000)
        from cpu in Gen.Choose(0, 1_024_000)
        from gpus in Gen.Choose(-1, 64)
        from responder in Gen.Choose(0, 64)
        from attempts in Gen.Choose(0, 20)
        select new SubmitTask
        {
            TaskId = id,
            TaskType = alias ? "" : string.Join('.', segments),
            Type = alias ? string.Join('.', segments) : null,
            Priority = priority,
            Deadline = seconds < 0 ? null : Now.AddMilliseconds(seconds + 1),
            Requirements = gpus < 0 ? null : new Requirements { CpuCores = cpu / 1000.0, GpuUnits = gpus },
            ResponderAgentId = responder == 0 ? null : new string('a', responder),
            Retry = attempts == 0 ? null : new RetryRule { MaxAttempts = attempts, InitialBackoffS = 0 },
        };

    [Fact]
    public void A_good_submission_has_no_errors() => Assert.Empty(TaskRules.Check(Valid, Now));

    [Theory]
    [MemberData(nameof(Violations))]
    public void Every_broken_rule_is_named_with_its_field(string pointer, string code, SubmitTask task)
    {
        var error = Assert.Single(TaskRules.Check(task, Now));

        Assert.Equal((pointer, code), (error.Pointer, error.Code));
        Assert.NotEmpty(error.Detail);
        Assert.NotNull(ErrorKind.Find(error.Code));
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var task = Valid with { TaskId = "", Priority = 9, Deadline = Now, Requirements = new() { CpuCores = -1, MemoryGb = -1 } };

        Assert.Equal(
            ["#/task_id", "#/priority", "#/deadline", "#/requirements/cpu_cores", "#/requirements/memory_gb"],
            TaskRules.Check(task, Now).Select(error => error.Pointer));
    }

    [Fact]
    public void What_is_valid_is_still_valid_when_it_is_normalised() => Prop.ForAll(AnyValid.ToArbitrary(), task =>
    {
        Assert.Empty(TaskRules.Check(task, Now));
        var normal = TaskRules.Normalise(task, Now);
        Assert.Empty(TaskRules.Check(normal, Now));
        Assert.Null(normal.Type);
        Assert.NotEmpty(normal.TaskType);
        Assert.InRange(normal.Priority, 1, 4);
        Assert.Equal(task.ResponderAgentId is null ? TaskMode.Routed : TaskMode.Direct, normal.Mode);
        Assert.Equal(Now, normal.CreatedAt);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Normalising_twice_changes_nothing() => Prop.ForAll(AnyValid.ToArbitrary(), task =>
    {
        var once = TaskRules.Normalise(task, Now);
        Assert.Equal(once, TaskRules.Normalise(once, Now));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    public void A_priority_of_zero_is_medium(int given, int taken) =>
        Assert.Equal(taken, TaskRules.Normalise(Valid with { Priority = given }, Now).Priority);

    [Theory]
    [InlineData("agent-01.eu_1", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a:b", false)]
    [InlineData("a b", false)]
    public void An_agent_id_fits_into_the_name_of_a_queue(string? id, bool fits) => Assert.Equal(fits, TaskRules.IsAgentId(id));

    private static SubmitTask Needs(Requirements requirements) => Valid with { Requirements = requirements };

    private static Gen<string> Name(string letters, int lengthMax) =>
        from length in Gen.Choose(1, lengthMax)
        from text in Gen.Elements(letters.ToCharArray()).ArrayOf(length)
        select new string(text);
}
