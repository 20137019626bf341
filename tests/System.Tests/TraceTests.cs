namespace A2A.Micro.System.Tests;

/// <summary>One task, one trace, whoever had a hand in it and however long it took.</summary>
public sealed class TraceTests(TraceTests.Traced traced) : IClassFixture<TraceTests.Traced>
{
    private static readonly string[] Services =
        ["a2a-gateway", "a2a-painter", "a2a-resource-manager", "a2a-scheduler", "a2a-state-sync"];

    private RunningSystem System => traced.System;

    [Fact]
    public async Task Everybody_who_works_on_a_task_writes_into_the_trace_of_its_submission()
    {
        var receipt = await System.Submit(Caller.Picture(16));
        var task = await System.Ended(receipt.Text("task_id"));

        Assert.Equal(("completed", 1), (task.Text("state"), task.Whole("attempt")));
        Assert.Equal(receipt.Text("trace_id"), task.Text("trace_id"));
        await HasEverybody(receipt.Text("trace_id"), executions: 1);
    }

    [Fact]
    public async Task An_attempt_that_a_timer_started_belongs_to_the_same_trace()
    {
        // The first attempt finds a folder where it wants to write; the second one does not.
        var id = "retried-" + Guid.CreateVersion7();
        var inTheWay = Directory.CreateDirectory(Path.Combine(System.Output, $".{id}.png.painter.1.partial")).FullName;
        var receipt = await System.Submit(Caller.Picture(16, id));
        var task = await System.Ended(id);
        Directory.Delete(inTheWay);

        Assert.Equal(("completed", 2), (task.Text("state"), task.Whole("attempt")));
        await HasEverybody(receipt.Text("trace_id"), executions: 2);
    }

    private async Task HasEverybody(string traceId, int executions)
    {
        var spans = await Eventually.Seen(
            _ => Task.FromResult(traced.Receiver.Of(traceId)),
            seen => Services.All(service => seen.Any(span => span.Service == service))
                && seen.Count(span => span is { Service: "a2a-painter", Name: "a2a.task.execute" }) == executions
                && Consumed(seen) && IsWhole(seen),
            $"trace {traceId} has everybody in it, {executions} executions, the result, and every span's parent",
            Show,
            TimeSpan.FromSeconds(30));
        // The request of the submitter began it, and nothing else.
        var root = Assert.Single(spans, span => span.Parent.Length == 0);
        Assert.Equal("a2a-gateway", root.Service);
        Assert.Contains("/v1/tasks", root.Name, StringComparison.Ordinal);
    }

    private static bool Consumed(IReadOnlyList<Span> seen) =>
        seen.Any(span => span.Service == "a2a-scheduler" && seen.Any(cause => cause.SpanId == span.Parent && cause.Service == "a2a-painter"));

    private static bool IsWhole(IReadOnlyList<Span> seen)
    {
        var known = seen.Select(span => span.SpanId).ToHashSet();
        return seen.All(span => span.Parent.Length == 0 || known.Contains(span.Parent));
    }

    private static string Show(IReadOnlyList<Span> seen) => string.Concat(seen.Select(span =>
        $"\n    {span.SpanId} < {(seen.Any(other => other.SpanId == span.Parent) ? "" : "?")}{span.Parent,-16} {span.Service} {span.Name}"));

    /// <summary>A system that exports its traces to the test.</summary>
    public sealed class Traced : IAsyncLifetime
    {
        public RunningSystem System { get; private set; } = null!;

        internal OtlpReceiver Receiver { get; } = new();

        public async Task InitializeAsync() => System = await RunningSystem.Start(new SystemPlan
        {
            Agents = [new("ImageGeneration", "painter")],
            Settings = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Receiver.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
            },
        });

        public async Task DisposeAsync()
        {
            await System.DisposeAsync();
            await Receiver.DisposeAsync();
        }
    }
}
