using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Tests;

/// <summary>A handler does not learn how its parameters and its result travelled.</summary>
[Trait("Requirement", "70")]
public sealed class PayloadTests
{
    private readonly Dictionary<(Guid, int), ReadOnlyMemory<byte>> _stored = [];

    [Fact]
    public async Task Parameters_by_reference_are_fetched_before_they_are_judged()
    {
        var packed = PayloadPacking.Pack(JsonSerializer.SerializeToElement(new { name = new string('x', 400_000) }), Id());
        var world = Asking(new World((job, _) => Task.FromResult(new Answer(job.Name.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)))));
        for (var i = 0; i < packed.Parts.Count; i++) { _stored[(packed.Reference.PayloadId, i + 1)] = packed.Parts[i]; }
        await world.Give(world.Offer() with { Parameters = packed.Reference.Element() });
        Assert.Equal("400000", (await world.Voice.Next<TaskResult>()).Result!.Value.GetProperty("text").GetString());
        var asked = Assert.Single(world.Voice.Heard<ReadPayload>());
        Assert.Equal(("task-1", "agent-1"), (asked.TaskId, asked.AgentId));
    }

    [Fact]
    public async Task Parameters_that_are_gone_are_a_reason_to_reject()
    {
        var world = Asking(new World((_, _) => Task.FromResult(new Answer(""))));
        await world.Give(world.Offer() with { Parameters = PayloadPacking.Pack(JsonElement.Parse("{}"), Id()).Reference.Element() });
        var no = await world.Voice.Next<TaskRejected>();
        Assert.Equal(RejectionReason.InvalidParameters, no.Code);
        Assert.Contains("cannot be had", no.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_result_is_stored_before_it_is_reported_and_a_refusal_that_passes_is_waited_out()
    {
        var refusals = 1;
        var world = new World((_, _) => Task.FromResult(new Answer(new string('y', 2_000_000))));
        Asking(world, part => Interlocked.Decrement(ref refusals) >= 0
            ? new TaskError { Code = "NOT_FOUND", Message = "not yet", Retryable = true }
            : null);
        await world.Give(world.Offer());
        _ = await world.Voice.Next<StorePayload>();
        await Eventually.True(() =>
        {
            world.Clock.Advance(TimeSpan.FromMilliseconds(200));
            return world.Voice.Heard<TaskResult>().Count > 0;
        }, "it is reported");
        var result = world.Voice.Heard<TaskResult>()[0];
        var reference = PayloadReference.Of(result.Result)!;
        Assert.Equal(TaskState.Completed, result.Status);
        Assert.Equal(2_000_000, PayloadPacking.Unpack(reference, Enumerable.Range(1, reference.Parts).Select(i => _stored[(reference.PayloadId, i)]))
            .GetProperty("text").GetString()!.Length);
        Assert.All(world.Voice.Heard<StorePayload>(), part => Assert.Equal(("task-1", 1, "agent-1"), (part.TaskId, part.Attempt, part.AgentId)));
    }

    [Fact]
    public async Task A_result_that_is_refused_for_good_fails_the_attempt()
    {
        var world = new World((_, _) => Task.FromResult(new Answer(new string('y', 2_000_000))));
        Asking(world, _ => new TaskError { Code = "CONFLICT", Message = "The task is with another agent.", Retryable = false });
        await world.Give(world.Offer());
        var result = await world.Voice.Next<TaskResult>();
        Assert.Equal((TaskState.Failed, "RESULT_TOO_LARGE"), (result.Status, result.Error!.Code));
        Assert.Contains("another agent", result.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_beyond_every_limit_fails_for_good()
    {
        var world = new World((_, _) => Task.FromResult(new Answer(new string('y', PayloadReference.BytesMax))));
        await world.Give(world.Offer());
        var error = (await world.Voice.Next<TaskResult>()).Error!;
        Assert.Equal(("RESULT_TOO_LARGE", false), (error.Code, error.Retryable));
    }

    private World Asking(World world, Func<StorePayload, TaskError?>? refuse = null)
    {
        world.Voice.OnAsk = question => question switch
        {
            ReadPayload read => _stored.TryGetValue((read.PayloadId, read.Number), out var data)
                ? new PayloadRead { PayloadId = read.PayloadId, Number = read.Number, Data = data }
                : new PayloadRead { PayloadId = read.PayloadId, Number = read.Number, Error = new TaskError { Code = "NOT_FOUND", Message = "none" } },
            StorePayload part => Store(part, refuse?.Invoke(part)),
            _ => throw new InvalidOperationException($"nobody answers {question}"),
        };
        return world;
    }

    private PayloadStored Store(StorePayload part, TaskError? error)
    {
        if (error is null) { _stored[(part.Reference.PayloadId, part.Number)] = part.Data; }
        return new PayloadStored { PayloadId = part.Reference.PayloadId, Number = part.Number, Error = error };
    }

    private static Guid Id() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
}
