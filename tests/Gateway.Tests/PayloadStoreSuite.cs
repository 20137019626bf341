using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Gateway.Payloads;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What every store of payloads does, wherever it keeps them.</summary>
[Trait("Requirement", "70")]
public abstract class PayloadStoreSuite
{
    private static readonly TimeSpan Later = TimeSpan.FromHours(6);

    protected abstract IPayloadStore Store { get; }

    /// <summary>Lets a day and a bit pass.</summary>
    protected abstract Task Age();

    private static PayloadReference Reference(int parts = 2) => new()
    {
        PayloadId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        Bytes = 1000,
        Sha256 = new string('a', 64),
        Parts = parts,
    };

    [Fact]
    public async Task Parts_come_back_in_their_order_and_the_first_word_counts()
    {
        var reference = Reference();
        Assert.True(await Put(reference, "t-1", 1, 1, 2));
        Assert.Single(await Store.Parts(reference.PayloadId, default));
        Assert.True(await Put(reference, "t-1", 2, 3));
        Assert.True(await Put(reference, "t-1", 1, 9, 9));
        Assert.False(await Put(reference with { Sha256 = new string('b', 64) }, "t-1", 1, 7));
        Assert.Equal([[1, 2], [3]], (await Store.Parts(reference.PayloadId, default)).Select(part => part.ToArray()));
        Assert.Equal([3], (await Store.Part(reference.PayloadId, "t-1", 2, default))!.Value.ToArray());
        Assert.Null(await Store.Part(reference.PayloadId, "t-1", 3, default));
        Assert.Empty(await Store.Parts(Reference().PayloadId, default));
    }

    [Fact]
    public async Task A_payload_stays_with_its_tenant()
    {
        var reference = Reference(1);
        Assert.True(await Put(reference, "acme@t-1", 1, 1));
        Assert.False(await Put(reference, "t-1", 1, 2));
        Assert.Null(await Store.Part(reference.PayloadId, "t-1", 1, default));
        Assert.Null(await Store.Part(reference.PayloadId, "rival@t-1", 1, default));
        Assert.NotNull(await Store.Part(reference.PayloadId, "acme@t-2", 1, default));
        Assert.Empty(await Store.Parts(reference.PayloadId, default));
        new Caller("somebody", "acme", Scopes.All).Enter();
        Assert.Single(await Store.Parts(reference.PayloadId, default));
    }

    [Fact]
    public async Task It_is_looked_at_after_a_day_for_all_the_tasks_that_read_it_and_then_now_and_again()
    {
        var reference = Reference(1);
        Assert.True(await Put(reference, "t-1", 1, 1));
        _ = await Store.Part(reference.PayloadId, "t-2", 1, default);
        _ = await Store.Part(reference.PayloadId, "t-2", 1, default);
        Assert.DoesNotContain(await Store.TakeOld(1000, Later, default), old => old.PayloadId == reference.PayloadId);
        await Age();
        var old = (await Store.TakeOld(1000, Later, default)).Single(old => old.PayloadId == reference.PayloadId);
        Assert.Equal(("default", "t-1 t-2"), (old.Tenant, string.Join(' ', old.TaskIds.Order(StringComparer.Ordinal))));
        Assert.DoesNotContain(await Store.TakeOld(1000, Later, default), again => again.PayloadId == reference.PayloadId);
        await Store.Delete([reference.PayloadId], default);
        Assert.Empty(await Store.Parts(reference.PayloadId, default));
    }

    private Task<bool> Put(PayloadReference reference, string taskId, int number, params byte[] data) =>
        Store.Put(new PayloadPart(reference, taskId, number, data), default);
}

public sealed class InMemoryPayloadStoreTests : PayloadStoreSuite
{
    private readonly ManualClock _clock = new();
    private readonly InMemoryPayloadStore _store;

    public InMemoryPayloadStoreTests() => _store = new InMemoryPayloadStore(_clock);

    protected override IPayloadStore Store => _store;

    protected override Task Age()
    {
        _clock.Advance(TimeSpan.FromHours(25));
        return Task.CompletedTask;
    }
}

public sealed class PostgresPayloadStoreTests(PostgresServer server) : PayloadStoreSuite, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private GatewayHost _host = null!;

    protected override IPayloadStore Store => _host.Services.GetRequiredService<IPayloadStore>();

    public async Task InitializeAsync() =>
        _host = await GatewayHost.Start(("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", server.ConnectionString));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Parameters_are_committed_with_their_submission()
    {
        using var accepted = await _host.Post("/v1/tasks", PayloadTests.Body("kept", 600_000));
        Assert.Equal(202, (int)accepted.StatusCode);
        Assert.Equal(1, await server.Read<long>("SELECT count(*) FROM gateway.payload WHERE task_ids = '{kept}'"));
        Assert.InRange(await server.Read<int>("SELECT length(task) FROM gateway.submission WHERE task_id = 'kept'"), 100, 2000);
        using var read = await _host.Get("/v1/tasks/kept");
        Assert.Equal(600_000, (await read.Json()).GetProperty("parameters").GetProperty("text").GetString()!.Length);
    }

    protected override Task Age() => server.Execute("UPDATE gateway.payload SET look_at = look_at - interval '25 hours'");
}
