using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Events;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Streams over many tasks.</summary>
[Trait("Requirement", "35")]
public sealed class FeedTests : IAsyncLifetime
{
    private readonly Dictionary<string, TaskDocument> _tasks = [];
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.Start(("A2A:Gateway:StreamReread", "00:01:00"), ("A2A:Gateway:StreamBufferMax", "50"));
        _host.Neighbours.OnList = List;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_stream_begins_with_the_tasks_as_they_are_and_goes_on_with_what_changes()
    {
        Put("a", TaskState.Running, minutes: 1);
        Put("b", TaskState.Queued, minutes: 2);
        await using var stream = await SseReader.Open(_host, "/v1/events");
        Assert.Equal("text/event-stream", stream.Reply.Content.Headers.ContentType?.ToString());
        Assert.Equal("a", await Task(stream));
        Assert.Equal("b", await Task(stream));
        var ready = await stream.NextPlaced();
        Assert.Equal(("ready", 2, false), (ready.Name, ready.Data.GetProperty("tasks").GetInt32(), ready.Data.GetProperty("more").GetBoolean()));
        Change("a", TaskState.Completed, minutes: 3);
        var (name, id, data) = await stream.NextPlaced();
        Assert.Equal(("task", "a", "completed", 2),
            (name, data.GetProperty("task_id").GetString(), data.GetProperty("state").GetString(), data.GetProperty("version").GetInt32()));
        Assert.Equal(Place(3), id);
    }

    [Fact]
    public async Task Types_requesters_and_states_narrow_what_is_said()
    {
        await using var stream = await SseReader.Open(_host, "/v1/events?type=data.*,image.generation&requester=ann&status=running,completed");
        Assert.Equal("ready", (await stream.NextPlaced()).Name);
        Change("other-type", TaskState.Running, 1, "image.conversion", "ann");
        Change("other-requester", TaskState.Running, 2, "data.analysis", "bob");
        Change("other-state", TaskState.Queued, 3, "data.analysis", "ann");
        Change("exact", TaskState.Running, 4, "image.generation", "ann");
        Change("prefix", TaskState.Completed, 5, "data.validation.deep", "ann");
        Assert.Equal(["exact", "prefix"], [await Task(stream), await Task(stream)]);
    }

    [Fact]
    public async Task Many_versions_of_many_tasks_come_in_the_order_of_each_task_whatever_notifications_do()
    {
        await using var stream = await SseReader.Open(_host, "/v1/events");
        Assert.Equal("ready", (await stream.NextPlaced()).Name);
        var random = new Random(20260321);
        var feed = _host.Services.GetRequiredService<TaskFeed>();
        for (var i = 1; i <= 400; i++)
        {
            var task = "t" + random.Next(20);
            var document = Put(task, TaskState.Running, i);
            // Early, late, twice, and now and then for a version that is long gone.
            feed.Tell(Said(document));
            feed.Tell(Said(document with { Version = random.Next(1, (int)document.Version + 1) }));
        }

        foreach (var task in _tasks.Keys.ToList()) { Change(task, TaskState.Completed, 500); }
        var (versions, places) = (new Dictionary<string, long>(), 0L);
        while (versions.Count < 20 || !versions.All(pair => pair.Value == _tasks[pair.Key].Version))
        {
            var (_, id, data) = await stream.NextPlaced();
            var (task, version) = (data.GetProperty("task_id").GetString()!, data.GetProperty("version").GetInt64());
            Assert.True(version > versions.GetValueOrDefault(task), $"{task}: {version} after {versions.GetValueOrDefault(task)}");
            Assert.True(id >= places, "a place goes back");
            (versions[task], places) = (version, id);
        }
    }

    [Fact]
    public async Task Who_comes_back_gets_what_changed_since_without_a_gap()
    {
        Put("old", TaskState.Running, minutes: 1);
        Put("since", TaskState.Running, minutes: 30);
        await using var stream = await SseReader.Open(_host, "/v1/events", $"{Place(20)}");
        Assert.Equal("since", await Task(stream));
        Change("live", TaskState.Running, 31);
        Assert.Equal("live", await Task(stream));
    }

    [Fact]
    public async Task Who_missed_too_much_begins_anew()
    {
        for (var i = 0; i < 1001; i++) { Put($"t{i}", TaskState.Running, minutes: 30); }
        await using var stream = await SseReader.Open(_host, "/v1/events?snapshot=3", $"{Place(20)}");
        Assert.Equal("reset", (await stream.NextPlaced()).Name);
        for (var i = 0; i < 3; i++) { _ = await Task(stream); }
        Assert.True((await stream.NextPlaced()).Data.GetProperty("more").GetBoolean());
    }

    [Fact]
    public void Who_reads_too_slowly_loses_its_own_place_only()
    {
        var feed = _host.Services.GetRequiredService<TaskFeed>();
        var filter = EventFilter.Read(new Microsoft.AspNetCore.Http.QueryCollection(), DateTimeOffset.UnixEpoch);
        using var slow = feed.Read(filter);
        using var quick = feed.Read(filter);
        for (var i = 0; i < 60; i++)
        {
            var said = new FeedEvent(Put($"t{i}", TaskState.Running, i + 1));
            slow.Offer(said);
            quick.Offer(said);
            Assert.Equal($"t{i}", Assert.Single(quick.Take()!).Head.TaskId);
        }

        Assert.Null(slow.Take());
        Assert.Empty(slow.Take()!);
        slow.Offer(new FeedEvent(_tasks["t1"]));
        slow.Offer(new FeedEvent(_tasks["t1"] with { Version = 2 }));
        Assert.Equal(2, Assert.Single(slow.Take()!).Head.Version);
    }

    [Fact]
    public async Task What_nobody_was_told_of_is_found()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:StreamReread", "00:00:00.050"));
        host.Neighbours.OnList = List;
        await using var stream = await SseReader.Open(host, "/v1/events");
        Assert.Equal("ready", (await stream.NextPlaced()).Name);
        _tasks["silent"] = Document("silent", TaskState.Running, 1, 0) with { UpdatedAt = TimeProvider.System.GetUtcNow().AddMinutes(1) };
        Assert.Equal("silent", await Task(stream));
    }

    [Fact]
    public async Task A_stream_outlives_StateSync_being_away()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:StreamReread", "00:01:00"), ("A2A:Gateway:WaitReread", "00:00:00.050"));
        await using var stream = await SseReader.Open(host, "/v1/events");
        Assert.Equal("ready", (await stream.NextPlaced()).Name);
        host.Neighbours.StatesDown = true;
        var missed = host.Neighbours.Put("t", TaskState.Running);
        host.Services.GetRequiredService<TaskFeed>().Tell(Said(missed));
        host.Neighbours.StatesDown = false;
        Assert.Equal("t", await Task(stream));
    }

    [Fact]
    public async Task A_silent_stream_shows_that_it_is_alive()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:Heartbeat", "00:00:00.100"));
        await using var stream = await SseReader.Open(host, "/v1/events");
        Assert.Equal("ready", (await stream.NextPlaced()).Name);
        Assert.Equal(":hb", await stream.Line());
    }

    [Theory]
    [InlineData("/v1/events?tpye=a", "#/query/tpye")]
    [InlineData("/v1/events?type=a*b", "#/query/type")]
    [InlineData("/v1/events?status=sleeping", "#/query/status")]
    [InlineData("/v1/events?snapshot=1001", "#/query/snapshot")]
    [InlineData("/v1/events?metadata.x=1", "#/query/metadata.x")]
    [InlineData("/v1/events?priority=9", "#/query/priority")]
    public async Task What_cannot_be_read_is_named(string path, string pointer)
    {
        using var reply = await _host.Get(path);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task Streams_are_counted_and_bounded()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:WatchersMax", "1"));
        var watchers = host.Services.GetRequiredService<Watchers>();
        await using (var stream = await SseReader.Open(host, "/v1/events"))
        {
            Assert.Equal("ready", (await stream.NextPlaced()).Name);
            using var refused = await host.Get("/v1/events");
            await refused.Problem(429, "RATE_LIMITED");
        }

        await Eventually.True(() => watchers.Count == 0, "nobody watches any more");
    }

    private static async Task<string> Task(SseReader stream)
    {
        var (name, _, data) = await stream.NextPlaced();
        Assert.Equal("task", name);
        return data.GetProperty("task_id").GetString()!;
    }

    private static long Place(int minutes) => (At(minutes) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static DateTimeOffset At(int minutes) => new DateTimeOffset(2026, 3, 21, 15, 0, 0, TimeSpan.Zero).AddMinutes(minutes);

    private static StateChanged Said(TaskDocument document) =>
        new() { TaskId = document.TaskId, Version = document.Version, Timestamp = document.UpdatedAt, State = document.State };

    private static TaskDocument Document(
        string taskId, TaskState state, long version, int minutes, string type = "data.analysis", string? requester = null) => new()
        {
            TaskId = taskId,
            TaskType = type,
            State = state,
            Version = version,
            Sequence = version,
            Priority = 2,
            CreatedAt = At(0),
            UpdatedAt = At(minutes),
            Attempt = 1,
            Mode = TaskMode.Routed,
            RequesterAgentId = requester,
        };

    // The list and the documents have it; nobody is told.
    private TaskDocument Put(string taskId, TaskState state, int minutes, string type = "data.analysis", string? requester = null)
    {
        lock (_tasks)
        {
            var document = Document(taskId, state, (_tasks.GetValueOrDefault(taskId)?.Version ?? 0) + 1, minutes, type, requester);
            _host.Neighbours.Put(taskId, state, _ => document);
            return _tasks[taskId] = document;
        }
    }

    private void Change(string taskId, TaskState state, int minutes, string type = "data.analysis", string? requester = null) =>
        _host.Services.GetRequiredService<TaskFeed>().Tell(Said(Put(taskId, state, minutes, type, requester)));

    private TaskPage List(TaskFilter filter)
    {
        lock (_tasks)
        {
            TaskDocument[] found =
            [
                .. _tasks.Values
                    .Where(one => (filter.TaskType is not { } type || TypePattern.Covers(type, one.TaskType)) && !(one.UpdatedAt < filter.UpdatedAfter))
                    .OrderByDescending(one => one.UpdatedAt).ThenBy(one => one.TaskId, StringComparer.Ordinal)
                    .Where(one => filter.After is not { } after || string.CompareOrdinal(one.TaskId, after.TaskId) > 0),
            ];
            return found.Length <= filter.Limit ? new TaskPage { Tasks = found }
                : new TaskPage { Tasks = found[..filter.Limit], Next = new TaskCursor { UpdatedAtUs = 0, TaskId = found[filter.Limit - 1].TaskId } };
        }
    }
}
