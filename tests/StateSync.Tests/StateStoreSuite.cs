using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Verification;

namespace A2A.Micro.StateSync.Tests;

/// <summary>The behaviour of a store. Both implementations run all of it.</summary>
public abstract partial class StateStoreSuite
{
    private protected ManualClock Clock { get; } = new();

    private protected abstract IStateStore Store { get; }

    private protected abstract IStateQueries Queries { get; }

    private protected abstract ITypeStatistics Statistics { get; }

    private protected abstract ISystemStatistics Totals { get; }

    [Fact]
    public async Task What_was_applied_is_found()
    {
        var answers = await Tell(Life.Running("found").Report(0.25, "a quarter").Complete());

        Assert.Equal([1L, 2L, 3L, 4L, 5L, 6L], answers.SelectMany(answer => answer.Announcements).Select(changed => changed.Version));
        var document = await Found("found");
        Assert.Equal((TaskState.Completed, 6L, 5L, 3), (document.State, document.Version, document.Sequence, document.Priority));
        Assert.Equal("""{"rows":1.0}""", document.Result?.GetRawText());
        Assert.Equal("""{"duration_s":2.50}""", document.ExecutionMetadata?.GetRawText());
        Assert.Equal(Clock.GetUtcNow(), document.UpdatedAt);
        Assert.Null(await Queries.Find("never-seen", default));
    }

    [Theory]
    [InlineData("""{"big":123456789012345678901234567890.10,"one":1.0,"exp":1E+2,"neg":-0.0}""")]
    [InlineData("""{"b":1,"a":{"z":null,"y":[null,[],{}]},"":""}""")]
    [InlineData("""["ü","😀","a\u0000b","<script>&'","\u2028","tab\t\"quoted\" \\ back"]""")]
    [InlineData("\"just a text\"")]
    [InlineData("0")]
    [InlineData("{\"k\":1,\"k\":2}")]
    public async Task Json_comes_back_as_it_was_sent(string json)
    {
        await Tell(Life.Running("json").Part(0.5, json).Complete(json));
        await Tell(new Life("json-asked").Submit(parameters: json, metadata: json));

        var document = await Found("json");
        var partial = (await Queries.History("json", 4, 1, default))[0].Data;
        var asked = await Found("json-asked");
        Assert.All([document.Result, partial, asked.Parameters, asked.Metadata], element => AssertSame(json, element));
    }

    [Fact]
    public async Task Nesting_up_to_the_limit_of_the_bus_is_kept()
    {
        var json = string.Concat(Enumerable.Repeat("[", 36)) + string.Concat(Enumerable.Repeat("]", 36));

        await Tell(Life.Running("deep").Complete(json));

        Assert.Equal(json, (await Found("deep")).Result?.GetRawText());
    }

    [Fact]
    public async Task A_repeat_announces_its_commit_again_and_nothing_else()
    {
        var life = new Life("again").Submit().Queue().Offer("agent-1").Run().Complete();
        await Apply(life.Inputs[0]);
        Assert.True((await Apply(life.Inputs[2])).HeldBack);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([2L, 3L], Announced(await Apply(life.Inputs[1])));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Apply(life.Inputs[3]);

        var repeat = await Apply(life.Inputs[1]);

        Assert.Equal([2L, 3L], Announced(repeat));
        Assert.Empty(repeat.Changes);
        Assert.Equal([4L], Announced(await Apply(life.Inputs[3])));
        Assert.Equal([3L], Announced(await Apply(life.Inputs[2])).Where(version => version == 3));
        Assert.Equal(4, (await Found("again")).Version);
    }

    [Fact]
    public async Task A_repeated_report_announces_the_latest_version()
    {
        var life = Life.Running("report").Report(0.5).Part(0.5, "[1]");
        await Tell(life);

        Assert.Equal([6L], Announced(await Apply(life.Inputs[4])));
        Assert.Equal([6L], Announced(await Apply(life.Inputs[5])));
        Assert.Equal(6, (await Found("report")).Version);
    }

    [Fact]
    public async Task A_malformed_message_is_refused_without_a_trace()
    {
        var status = ((StateInput.Status)Life.Running("bad").Report(0.5).Last).Message with { TaskId = "no\0id" };

        Assert.Equal(RefusalKind.Malformed, Assert.Single((await Apply(new StateInput.Status(status))).Refusals).Kind);
    }

    [Fact]
    public async Task Reports_that_come_first_wait_for_their_attempt()
    {
        var life = Life.Running("early").Report(0.4, "fast").Part(0.6, "[6]");
        Assert.True((await Apply(life.Inputs[5])).HeldBack);
        Assert.True((await Apply(life.Inputs[4])).HeldBack);

        await Tell(life.Inputs.Take(4));

        Assert.Equal((6L, 0.6, "fast"), await Shown("early"));
        Assert.Equal(0, await Store.DropReports(Clock.GetUtcNow().AddDays(1), default));
    }

    [Fact]
    public async Task Reports_whose_attempt_never_begins_are_dropped_in_time()
    {
        await Apply(Life.Running("orphan").Report(0.4).Last);
        await Apply(Life.Running("orphan").Part(0.4).Last);

        Assert.Equal(0, await Store.DropReports(Clock.GetUtcNow(), default));
        Assert.Equal(2, await Store.DropReports(Clock.GetUtcNow().AddSeconds(1), default));
        await Tell(Life.Running("orphan"));
        Assert.Equal((4L, 0.0, null), await Shown("orphan"));
    }

    [Fact]
    public async Task A_step_that_stays_missing_is_a_gap()
    {
        var life = Life.Running("gap");
        await Apply(life.Inputs[0]);
        await Apply(life.Inputs[3]);
        await Apply(life.Inputs[2]);
        var since = Clock.GetUtcNow();

        Assert.Empty(await Store.Gaps(since, 10, default));
        Assert.Equal([new StateGap("gap", 3, since)], await Store.Gaps(since.AddSeconds(1), 10, default));
        await Apply(life.Inputs[1]);
        Assert.Empty(await Store.Gaps(since.AddSeconds(1), 10, default));
    }

    [Fact]
    public async Task Every_state_and_phase_can_be_stored()
    {
        foreach (var state in Enum.GetValues<TaskState>())
        {
            await Tell(Life.Running("state-" + state).Move(state));
            Assert.Equal(state, (await Found("state-" + state)).State);
        }

        foreach (var phase in Enum.GetValues<TaskPhase>())
        {
            await Tell(Life.Running("phase-" + phase).Move(TaskState.Running, phase));
            Assert.Equal(phase, (await Found("phase-" + phase)).Phase);
        }
    }

    [Fact]
    public async Task History_comes_in_pages_by_version()
    {
        await Tell(Life.Running("pages").Report(0.1).Report(0.2).Complete());

        Assert.Equal([3L, 4L], (await Queries.History("pages", 2, 2, default)).Select(change => change.Version));
        Assert.Equal([5L, 6L, 7L], (await Queries.History("pages", 4, 100, default)).Select(change => change.Version));
        Assert.Empty(await Queries.History("pages", 7, 100, default));
        Assert.Empty(await Queries.History("unknown", 0, 100, default));
    }

    [Fact]
    public async Task Messages_of_many_tasks_in_any_order_at_once_lead_to_whole_documents()
    {
        var random = new Random(20260101);
        var lives = Enumerable.Range(0, 25).Select(i => AnyLife.From(Bytes(random, 60), "many-" + i)).ToList();

        await Task.WhenAll(AnyLife.Shuffled([.. lives.SelectMany(life => life.Inputs)], random).Select(Apply));

        foreach (var life in lives) { await AssertWhole(life, Queries); }
    }

    [Fact]
    public async Task A_list_is_filtered_by_state_type_and_requester()
    {
        await Tell(new Life("f1").Submit("data.analysis", "alice"));
        await Tell(new Life("f2").Submit("data", "alice"));
        await Tell(new Life("f3").Submit("data-x.y", "bob").Queue());
        await Tell(new Life("f4").Submit("data.deep.er", "bob").Queue().Offer("agent-1"));
        await Tell(new Life("f5").Submit("database.dump"));

        Assert.Equal(["f1", "f4"], await Listed(new TaskFilter { TaskType = "data.*" }));
        Assert.Equal(["f2"], await Listed(new TaskFilter { TaskType = "data" }));
        Assert.Equal(["f1", "f2", "f3", "f4", "f5"], await Listed(new TaskFilter { TaskType = "*" }));
        Assert.Equal(["f3", "f4"], await Listed(new TaskFilter { RequesterAgentId = "bob" }));
        Assert.Equal(["f3", "f4"], await Listed(new TaskFilter { States = [TaskState.Queued, TaskState.Offered] }));
        Assert.Equal(["f4"], await Listed(new TaskFilter { States = [TaskState.Offered], TaskType = "data.*", RequesterAgentId = "bob" }));
    }

    [Fact]
    public async Task A_list_leaves_out_what_may_be_large()
    {
        await Tell(new Life("large").Submit(parameters: "[1]", metadata: "[2]").Queue().Offer("agent-1").Run().Complete());

        var listed = Assert.Single((await Queries.List(new TaskFilter(), default)).Tasks);

        var expected = DocumentRules.Head(await Found("large"));
        Assert.Equal(StoredJson.Write(expected), StoredJson.Write(listed));
    }

    [Fact]
    public async Task Paging_meets_every_unchanged_document_once_while_others_change()
    {
        foreach (var i in Enumerable.Range(0, 40))
        {
            await Tell(new Life($"p{i:00}").Submit());
            if (i % 3 == 0) { Clock.Advance(TimeSpan.FromMilliseconds(1)); }
        }

        Clock.Advance(TimeSpan.FromSeconds(1));
        var met = new List<TaskDocument>();
        for (var (page, after) = (0, (TaskCursor?)null); page == 0 || after is not null; page++)
        {
            var one = await Queries.List(new TaskFilter { After = after, Limit = 7 }, default);
            met.AddRange(one.Tasks);
            after = one.Next;
            // Documents that were met and documents that were not: both move to the front.
            await Apply(new Life($"p{page:00}").Submit().Queue().Last);
            await Apply(new Life($"p{39 - page:00}").Submit().Queue().Last);
        }

        Assert.Equal(met.Count, met.Select(document => document.TaskId).Distinct().Count());
        var changed = (await Queries.List(new TaskFilter { States = [TaskState.Queued], Limit = 200 }, default)).Tasks;
        Assert.Equal(40, met.Concat(changed).Select(document => document.TaskId).Distinct().Count());
        Assert.Equal(met.OrderByDescending(document => document.UpdatedAt).ThenBy(document => document.TaskId, StringComparer.Ordinal), met);
    }

    [Theory]
    [InlineData(long.MaxValue, 3)]
    [InlineData(long.MinValue, 0)]
    public async Task A_cursor_outside_the_calendar_is_an_end_of_the_list(long microseconds, int expected)
    {
        foreach (var id in (string[])["c1", "c2", "c3"]) { await Tell(new Life(id).Submit()); }

        var page = await Queries.List(
            new TaskFilter { After = new TaskCursor { UpdatedAtUs = microseconds, TaskId = "x" }, Limit = 0 }, default);

        Assert.Equal(Math.Min(1, expected), page.Tasks.Count);
    }

    private protected static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>The document is where the Scheduler's steps lead, and its history leads to it.</summary>
    private protected static async Task AssertWhole(Life life, IStateQueries queries)
    {
        var document = await queries.Find(life.TaskId, default);
        Assert.NotNull(document);
        Assert.Equal((life.State, life.Attempt, (long)life.Inputs.OfType<StateInput.Transition>().Count()),
            (document.State, document.Attempt, document.Sequence));
        Assert.Null(HistoryRules.Mismatch(document, await queries.History(life.TaskId, 0, 1000, default)));
    }

    private static IEnumerable<long> Announced(StateAnswer answer) => answer.Announcements.Select(changed => changed.Version);

    private async Task<TaskDocument> Found(string taskId) =>
        await Queries.Find(taskId, default) ?? throw new InvalidOperationException($"{taskId} was not found");

    private async Task<(long Version, double Progress, string? Message)> Shown(string taskId)
    {
        var document = await Found(taskId);
        return (document.Version, document.Progress, document.ProgressMessage);
    }

    private async Task<IEnumerable<string>> Listed(TaskFilter filter) =>
        (await Queries.List(filter, default)).Tasks.Select(document => document.TaskId).Order(StringComparer.Ordinal);

    private static void AssertSame(string json, System.Text.Json.JsonElement? element)
    {
        // Escapes may be spelled differently; numbers, order and repeated keys may not change.
        Assert.NotNull(element);
        Assert.Equal(Spell(Life.Json(json)), Spell(element.Value));
    }

    private static string Spell(System.Text.Json.JsonElement element) =>
        System.Text.Json.JsonSerializer.Serialize(element, StoredJson.Options);
}
