using A2A.Micro.Gateway.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

public sealed class PostgresSubmissionStoreTests : SubmissionStoreSuite, IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private GatewayHost _host = null!;

    protected override ISubmissionStore Store => _host.Services.GetRequiredService<ISubmissionStore>();

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        _host = await Start();
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Two_gateways_take_one_of_many_between_them()
    {
        await using var other = await Start();
        var second = other.Services.GetRequiredService<ISubmissionStore>();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? Store : second)
            .Accept(Submission($"id-{i * 7 % 10}", key: i % 3 == 0 ? $"key-{i % 10}" : null), CancellationToken.None)));
        var taken = answers.OfType<Acceptance.Taken>().Select(answer => answer.Submission.TaskId).ToList();
        Assert.Equal(taken.Count, taken.Distinct().Count());
        Assert.Equal(taken.Count, await _server.Read<long>("SELECT count(*) FROM gateway.submission"));
        Assert.DoesNotContain(answers, answer => answer is Acceptance.Conflicts or Acceptance.KeyReused);
    }

    [Fact]
    public async Task What_is_read_back_is_what_was_promised_before()
    {
        using var accepted = await _host.Post("/v1/tasks", SubmitTests.SeedExample);
        await _host.DisposeAsync();
        _host = await Start();

        using var again = await _host.Post("/v1/tasks", SubmitTests.SeedExample);
        Assert.Equal((202, 200), ((int)accepted.StatusCode, (int)again.StatusCode));
        Assert.Equal(await accepted.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        using var read = await _host.Get("/v1/tasks/task-123e4567-e89b");
        Assert.Equal(100, (await read.Json()).GetProperty("requirements").GetProperty("storage_gb").GetDouble());
    }

    [Fact]
    public async Task The_migration_makes_the_columns_of_the_model()
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<GatewayDb>>().CreateDbContextAsync();
        Assert.Empty(await db.Submissions.ToListAsync());
        Assert.Empty(await db.IdempotencyKeys.ToListAsync());
    }

    protected override async Task<IReadOnlyList<string>> Sent(int atLeast)
    {
        await Eventually.True(() => _host.Neighbours.Submitted.Count >= atLeast, $"{atLeast} commands arrive");
        await Eventually.Seen(cancel => _server.Read<long>("SELECT count(*) FROM gateway.outbox", cancel), left => left == 0, "the outbox is empty");
        return [.. _host.Neighbours.Submitted.Select(task => task.TaskId)];
    }

    protected override Task AgeKeys() =>
        _server.Execute("UPDATE gateway.idempotency_key SET created_at = created_at - interval '24 hours 1 second'");

    private Task<GatewayHost> Start() =>
        GatewayHost.Start(("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString));
}
