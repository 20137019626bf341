using System.Diagnostics.Metrics;

namespace A2A.Micro.ServiceDefaults.Tests;

[Trait("Requirement", "58")]
public sealed class PrometheusTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly Prometheus _metrics;

    public PrometheusTests() => _metrics = new Prometheus(instrument => ReferenceEquals(instrument.Meter, _meter));

    public void Dispose()
    {
        _metrics.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counters_gauges_and_histograms_print_as_exposition_format_0_0_4()
    {
        var submitted = _meter.CreateCounter<long>("a2a.tasks.submitted", "{task}", "Tasks \\ taken\nin.");
        submitted.Add(2, new("type", "b"), new("zone", 1));
        submitted.Add(1, new("zone", 1), new("type", "b"));
        submitted.Add(1, new KeyValuePair<string, object?>("type", "a \"q\" \\ \n"));
        _ = _meter.CreateObservableGauge("a2a.outbox.oldest", () => 1.5, "s");
        var clients = _meter.CreateUpDownCounter<int>("a2a.sse.clients");
        clients.Add(3);
        clients.Add(-1);
        var level = _meter.CreateGauge<double>("a2a.level");
        level.Record(7);
        level.Record(5);
        var buckets = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] };
        var queue = _meter.CreateHistogram<double>("a2a.task.queue", "s", "Waiting.", null, buckets);
        queue.Record(0.1, new KeyValuePair<string, object?>("type", "a"));
        queue.Record(0.5, new KeyValuePair<string, object?>("type", "a"));
        queue.Record(2, new KeyValuePair<string, object?>("type", "a"));

        Assert.Equal(
            """
            # TYPE a2a_level gauge
            a2a_level 5
            # TYPE a2a_outbox_oldest_seconds gauge
            a2a_outbox_oldest_seconds 1.5
            # TYPE a2a_sse_clients gauge
            a2a_sse_clients 2
            # HELP a2a_task_queue_seconds Waiting.
            # TYPE a2a_task_queue_seconds histogram
            a2a_task_queue_seconds_bucket{type="a",le="0.1"} 1
            a2a_task_queue_seconds_bucket{type="a",le="1"} 2
            a2a_task_queue_seconds_bucket{type="a",le="+Inf"} 3
            a2a_task_queue_seconds_sum{type="a"} 2.6
            a2a_task_queue_seconds_count{type="a"} 3
            # HELP a2a_tasks_submitted_total Tasks \\ taken\nin.
            # TYPE a2a_tasks_submitted_total counter
            a2a_tasks_submitted_total{type="a \"q\" \\ \n"} 1
            a2a_tasks_submitted_total{type="b",zone="1"} 3

            """.ReplaceLineEndings("\n"), _metrics.Print());
    }

    [Fact]
    public void Series_over_the_limit_are_counted_together()
    {
        var counter = _meter.CreateCounter<int>("many");
        for (var i = 0; i < Prometheus.SeriesMax + 5; i++) { counter.Add(1, new KeyValuePair<string, object?>("id", i)); }

        var lines = _metrics.Print().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + Prometheus.SeriesMax + 1, lines.Length);
        Assert.Contains("many_total{overflow=\"true\"} 5", lines);
    }

    [Fact]
    public void What_is_no_longer_observed_is_no_longer_printed()
    {
        string[] agents = ["a", "b"];
        _ = _meter.CreateObservableGauge("slots", () => agents.Select(agent => new Measurement<int>(1, new KeyValuePair<string, object?>("agent", agent))));

        Assert.Contains("agent=\"b\"", _metrics.Print(), StringComparison.Ordinal);
        agents = ["a"];
        Assert.DoesNotContain("agent=\"b\"", _metrics.Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_instrument_in_two_modules_is_one_family()
    {
        _meter.CreateCounter<int>("twice").Add(1);
        _meter.CreateCounter<int>("twice").Add(1);

        Assert.Equal("# TYPE twice_total counter\ntwice_total 2\n", _metrics.Print());
    }

    [Fact]
    public void Two_kinds_of_one_name_stay_apart()
    {
        _meter.CreateGauge<int>("same").Record(1);
        _meter.CreateHistogram<int>("same").Record(1);

        Assert.Contains("# TYPE same gauge", _metrics.Print(), StringComparison.Ordinal);
        Assert.Contains("# TYPE same_2 histogram", _metrics.Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void Counting_from_many_threads_loses_nothing()
    {
        var counter = _meter.CreateCounter<int>("parallel");
        _ = Parallel.For(0, 10_000, i => counter.Add(1, new KeyValuePair<string, object?>("k", i % 7)));

        var sum = _metrics.Print().Split('\n').Where(line => line.StartsWith("parallel_total{", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split(' ')[1]));
        Assert.Equal(10_000, sum);
    }
}
