using System.Text.Json;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Payloads;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Large parameters and results: a reference on the way, the values themselves for whoever reads over HTTP.</summary>
[Trait("Requirement", "70")]
public sealed class PayloadTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("A2A:Gateway:ParametersBytesMax", "1000000"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    internal static string Body(string taskId, int length) =>
        $$$"""{"task_id":"{{{taskId}}}","task_type":"data.analysis","parameters":{"text":"{{{new string('x', length)}}}"}}""";

    [Fact]
    public async Task Large_parameters_travel_as_a_reference_and_are_read_as_they_were()
    {
        using var accepted = await _host.Post("/v1/tasks", Body("large", 500_000));
        using var small = await _host.Post("/v1/tasks", Body("small", 200_000));
        Assert.Equal((202, 202), ((int)accepted.StatusCode, (int)small.StatusCode));
        await Eventually.True(() => _host.Neighbours.Submitted.Count == 2, "both are sent");
        var sent = _host.Neighbours.Submitted.ToDictionary(task => task.TaskId);
        Assert.InRange(sent["large"].Parameters!.Value.GetRawText().Length, 1, 300);
        Assert.Equal(500_011, PayloadReference.Of(sent["large"].Parameters)!.Bytes);
        Assert.Equal(200_000, sent["small"].Parameters!.Value.GetProperty("text").GetString()!.Length);

        foreach (var known in (bool[])[false, true])
        {
            if (known) { _ = _host.Neighbours.Put("large", TaskState.Running, document => document with { Parameters = sent["large"].Parameters }); }
            using var read = await _host.Get("/v1/tasks/large");
            Assert.Equal(500_000, (await read.Json()).GetProperty("parameters").GetProperty("text").GetString()!.Length);
        }
    }

    [Fact]
    public async Task A_batch_may_hold_large_ones_too()
    {
        using var accepted = await _host.Post("/v1/tasks:batch", $$"""{"tasks":[{{Body("b-1", 300_000)}},{{Body("b-2", 10)}}]}""");
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync());
        await Eventually.True(() => _host.Neighbours.Submitted.Count == 2, "both are sent");
        Assert.NotNull(PayloadReference.Of(_host.Neighbours.Submitted.Single(task => task.TaskId == "b-1").Parameters));
        using var read = await _host.Get("/v1/tasks/b-1");
        Assert.Equal(300_000, (await read.Json()).GetProperty("parameters").GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public async Task A_reference_is_not_the_callers_to_write()
    {
        foreach (var forged in (string[])["""{"$payload":{"payload_id":"x"}}""", """{"$payload":null}"""])
        {
            using var refused = await _host.Post("/v1/tasks", $$"""{"task_type":"data.analysis","parameters":{{forged}}}""");
            var problem = await refused.Problem(400, "MSG001");
            Assert.Equal("#/parameters", problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
        }

        using var beside = await _host.Post("/v1/tasks", """{"task_type":"data.analysis","parameters":{"$payload":1,"mine":2}}""");
        Assert.Equal(202, (int)beside.StatusCode);
    }

    [Fact]
    public async Task What_is_over_the_limit_is_told_the_limit()
    {
        using var refused = await _host.Post("/v1/tasks", Body("over", 1_000_001));
        var problem = await refused.Problem(413, "PAYLOAD_TOO_LARGE");
        Assert.Contains("1000000", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_result_is_read_as_it_was_and_one_that_is_gone_stays_a_reference()
    {
        var store = _host.Services.GetRequiredService<IPayloadStore>();
        var result = JsonSerializer.SerializeToElement(new { rows = Enumerable.Range(0, 300_000) });
        var packed = PayloadPacking.Pack(result, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        _ = _host.Neighbours.Put("done", TaskState.Completed, document => document with { Result = packed.Reference.Element() });
        using var gone = await _host.Get("/v1/tasks/done/result");
        Assert.True((await gone.Json()).GetProperty("result").TryGetProperty("$payload", out _));
        for (var i = 0; i < packed.Parts.Count; i++) { _ = await store.Put(new PayloadPart(packed.Reference, "done", i + 1, packed.Parts[i]), default); }

        foreach (var path in (string[])["/v1/tasks/done", "/v1/tasks/done/result"])
        {
            using var read = await _host.Get(path);
            Assert.Equal(result.GetRawText(), (await read.Json()).GetProperty("result").GetRawText());
        }
    }

    [Fact]
    public async Task Payloads_go_with_the_last_of_their_tasks()
    {
        var clock = new ManualClock();
        var store = new InMemoryPayloadStore(clock);
        var neighbours = _host.Neighbours;
        PayloadReference[] all = [.. Enumerable.Range(0, 3)
            .Select(_ => PayloadPacking.Pack(JsonElement.Parse("7"), Guid.CreateVersion7(TimeProvider.System.GetUtcNow())).Reference)];
        foreach (var (reference, task) in all.Zip((string[])["kept", "gone", "first"]))
        {
            Assert.True(await store.Put(new PayloadPart(reference, task, 1, new byte[] { 1 }), default));
        }

        _ = await store.Part(all[2].PayloadId, "again", 1, default);
        _ = neighbours.Put("kept", TaskState.Completed);
        _ = neighbours.Put("again", TaskState.Running);
        using var duty = new PayloadDuty(store, _host.Services, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<PayloadDuty>.Instance);
        Assert.Equal(0, await duty.Look(default));
        clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(3, await duty.Look(default));
        var left = await Task.WhenAll(all.Select(async one => (await store.Parts(one.PayloadId, default)).Count));
        Assert.Equal([1, 0, 1], left);
    }

    [Theory]
    [InlineData(0, 10, "t")]
    [InlineData(2, 10, "t")]
    [InlineData(1, 0, "t")]
    [InlineData(1, PayloadPacking.PartBytes + 1, "t")]
    [InlineData(1, 10, "a task")]
    public void A_part_that_is_none_is_refused(int number, int length, string taskId)
    {
        var reference = PayloadPacking.Pack(JsonElement.Parse("7"), Guid.Empty).Reference;
        var part = new StorePayload { Reference = reference, TaskId = taskId, Attempt = 1, AgentId = "a", Number = number, Data = new byte[length] };
        Assert.Equal("PAYLOAD_TOO_LARGE", PayloadConsumer.Malformed(part)!.Code);
        Assert.Null(PayloadConsumer.Malformed(part with { TaskId = "t", Number = 1, Data = new byte[1] }));
    }
}
