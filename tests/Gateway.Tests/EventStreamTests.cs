using A2A.Micro.Contracts.States;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Events;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "35")]
[Trait("Requirement", "76")]
public sealed class EventStreamTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await GatewayHost.Start(("A2A:Gateway:StreamReread", "00:01:00"), ("A2A:Gateway:Heartbeat", "00:00:15"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_stream_begins_with_the_task_and_ends_after_its_end()
    {
        Put(TaskState.Queued);
        Put(TaskState.Running);
        await using var stream = await Open("/v1/tasks/t/events");
        Assert.Equal("text/event-stream", stream.Reply.Content.Headers.ContentType?.ToString());
        Assert.True(stream.Reply.Headers.CacheControl?.NoStore);
        Assert.Equal("no", stream.Reply.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.Equal("retry: 2000", await stream.Line());

        var first = await stream.Next();
        Assert.Equal(("task", 2, "running"), (first.Name, first.Id, first.Data.GetProperty("state").GetString()));
        Assert.Equal("/v1/tasks/t", first.Data.GetProperty("links").GetProperty("self").GetString());
        Put(TaskState.Running);
        Assert.Equal(("change", 3), await stream.NextId());
        Put(TaskState.Completed);
        var last = await stream.Next();
        Assert.Equal(("change", 4, "completed"), (last.Name, last.Id, last.Data.GetProperty("state").GetString()));
        Assert.Equal(4, last.Data.GetProperty("version").GetInt32());
        Assert.Null(await stream.Line());
    }

    [Fact]
    public async Task Many_changes_come_in_order_without_gaps_whatever_notifications_do()
    {
        Put(TaskState.Queued);
        await using var stream = await Open("/v1/tasks/t/events");
        Assert.Equal(("task", 1), await stream.NextId());
        for (var i = 0; i < 450; i++) { _host.Neighbours.Put("t", TaskState.Running); }
        var watchers = _host.Services.GetRequiredService<Watchers>();
        watchers.Tell(Changed("t", 300));
        watchers.Tell(Changed("t", 7));
        Put(TaskState.Failed);
        for (var version = 2; version <= 452; version++) { Assert.Equal(("change", version), await stream.NextId()); }
        Assert.Null(await stream.Line());
    }

    [Theory]
    [InlineData("/v1/tasks/t/events", "2")]
    [InlineData("/v1/tasks/t/events?last_event_id=2", null)]
    public async Task A_reader_goes_on_where_it_was(string path, string? header)
    {
        foreach (var state in new[] { TaskState.Submitted, TaskState.Queued, TaskState.Running, TaskState.Completed }) { Put(state); }
        await using var stream = await Open(path, header);
        Assert.Equal(("change", 3), await stream.NextId());
        Assert.Equal(("change", 4), await stream.NextId());
        Assert.Null(await stream.Line());
    }

    [Theory]
    [InlineData("4")]
    [InlineData("99")]
    public async Task After_the_end_there_is_nothing_to_come_back_for(string lastEventId)
    {
        foreach (var state in new[] { TaskState.Submitted, TaskState.Queued, TaskState.Running, TaskState.Completed }) { Put(state); }
        using var reply = await _host.Get("/v1/tasks/t/events", ("Last-Event-ID", lastEventId));
        Assert.Equal(204, (int)reply.StatusCode);
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("-3")]
    [InlineData("99")]
    [InlineData("99999999999999999999999")]
    public async Task An_id_that_never_was_gets_everything_anew(string lastEventId)
    {
        Put(TaskState.Queued);
        await using var stream = await Open("/v1/tasks/t/events", lastEventId);
        Assert.Equal(("reset", 1), await stream.NextId());
    }

    [Fact]
    public async Task An_id_that_is_too_old_gets_everything_anew()
    {
        foreach (var state in new[] { TaskState.Submitted, TaskState.Queued, TaskState.Running, TaskState.Running }) { Put(state); }
        _host.Neighbours.Forget("t", 2);
        await using var stream = await Open("/v1/tasks/t/events", "1");
        Assert.Equal(("reset", 4), await stream.NextId());
    }

    [Fact]
    public async Task A_task_that_nobody_has_heard_of_yet_streams_from_its_submission()
    {
        using var accepted = await _host.Post("/v1/tasks", """{"task_id":"t","task_type":"a"}""");
        await using var stream = await Open("/v1/tasks/t/events");
        var first = await stream.Next();
        Assert.Equal(("task", 0, "submitted"), (first.Name, first.Id, first.Data.GetProperty("state").GetString()));
        Put(TaskState.Submitted);
        Assert.Equal(("change", 1), await stream.NextId());
    }

    [Fact]
    [Trait("Requirement", "67")]
    public async Task A_silent_stream_shows_that_it_is_alive()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:Heartbeat", "00:00:00.100"));
        host.Neighbours.Put("t", TaskState.Running);
        await using var stream = await SseReader.Open(host, "/v1/tasks/t/events");
        await stream.Next();
        Assert.Equal(":hb", await stream.Line());
        Assert.Equal("", await stream.Line());
        Assert.Equal(":hb", await stream.Line());
    }

    [Fact]
    public async Task A_stream_outlives_StateSync_being_away()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:StreamReread", "00:00:00.050"));
        host.Neighbours.Put("t", TaskState.Running);
        await using var stream = await SseReader.Open(host, "/v1/tasks/t/events");
        await stream.Next();
        host.Neighbours.StatesDown = true;
        host.Neighbours.Put("t", TaskState.Completed);
        host.Services.GetRequiredService<Watchers>().Tell(Changed("t", 2));
        host.Neighbours.StatesDown = false;
        Assert.Equal(("change", 2), await stream.NextId());
    }

    [Fact]
    public async Task Who_leaves_is_forgotten()
    {
        Put(TaskState.Running);
        var watchers = _host.Services.GetRequiredService<Watchers>();
        await using (var stream = await Open("/v1/tasks/t/events"))
        {
            await stream.Next();
            Assert.Equal(1, watchers.Count);
        }

        await Eventually.True(() => watchers.Count == 0, "nobody watches any more");
    }

    [Fact]
    public async Task Who_asks_for_JSON_gets_the_history_in_pages()
    {
        foreach (var state in new[] { TaskState.Submitted, TaskState.Queued, TaskState.Running }) { Put(state); }
        using var first = await _host.Get("/v1/tasks/t/events?limit=2", ("Accept", "application/json"));
        var page = await first.Json();
        Assert.Equal([1, 2], page.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("version").GetInt32()));
        Assert.Equal(2, page.GetProperty("next_after").GetInt32());
        using var second = await _host.Get("/v1/tasks/t/events?limit=2&after=2", ("Accept", "application/json"));
        Assert.False((await second.Json()).TryGetProperty("next_after", out _));
        using var wrong = await _host.Get("/v1/tasks/t/events?limit=0", ("Accept", "application/json"));
        await wrong.Problem(400, "MSG001");
    }

    private static StateChanged Changed(string taskId, long version) =>
        new() { TaskId = taskId, Version = version, Timestamp = DateTimeOffset.UnixEpoch, State = TaskState.Running };

    private void Put(TaskState state)
    {
        var document = _host.Neighbours.Put("t", state);
        _host.Services.GetRequiredService<Watchers>().Tell(Changed("t", document.Version));
    }

    private Task<SseReader> Open(string path, string? lastEventId = null) => SseReader.Open(_host, path, lastEventId);
}

/// <summary>Reads one event stream line by line.</summary>
internal sealed class SseReader : IAsyncDisposable
{
    private readonly StreamReader _lines;

    private SseReader(HttpResponseMessage reply, StreamReader lines) => (Reply, _lines) = (reply, lines);

    public HttpResponseMessage Reply { get; }

    public static async Task<SseReader> Open(GatewayHost host, string path, string? lastEventId = null)
    {
        var reply = lastEventId is null ? await host.Get(path) : await host.Get(path, ("Last-Event-ID", lastEventId));
        Assert.Equal(200, (int)reply.StatusCode);
        return new SseReader(reply, new StreamReader(await reply.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next line; null when the stream has ended.</summary>
    public async Task<string?> Line() => await _lines.ReadLineAsync().WaitAsync(Eventually.Patience);

    /// <summary>The next event; comments and the opening are passed over.</summary>
    public async Task<(string Name, int Id, JsonElement Data)> Next()
    {
        var (name, id, data) = await NextPlaced();
        return (name, (int)id, data);
    }

    /// <summary>The same of a stream whose ids are large.</summary>
    public async Task<(string Name, long Id, JsonElement Data)> NextPlaced()
    {
        var (name, id, data) = ("", -1L, default(JsonElement));
        while (true)
        {
            var line = await Line() ?? throw new EndOfStreamException("the stream ended");
            if (line.Length == 0 && name.Length > 0) { return (name, id, data); }
            if (line.StartsWith("id: ", StringComparison.Ordinal)) { id = long.Parse(line[4..]); }
            if (line.StartsWith("event: ", StringComparison.Ordinal)) { name = line[7..]; }
            if (line.StartsWith("data: ", StringComparison.Ordinal)) { data = JsonElement.Parse(line[6..]); }
        }
    }

    public async Task<(string Name, int Id)> NextId()
    {
        var (name, id, _) = await Next();
        return (name, id);
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        Reply.Dispose();
        return ValueTask.CompletedTask;
    }
}
