using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Persistence;
using A2A.Micro.Security.Identity;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.States;
using A2A.Micro.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace A2A.Micro.Security.Tests;

/// <summary>The second wall: queries that forget their tenant, on purpose, find nothing of another's.</summary>
public sealed class WallTests(WallTests.System system) : IClassFixture<WallTests.System>
{

    [Theory]
    [InlineData("state_sync.task_state")]
    [InlineData("state_sync.state_change")]
    [InlineData("gateway.submission")]
    public async Task A_query_without_a_tenant_sees_the_rows_of_the_tenant_it_was_started_for(string table)
    {
        foreach (var tenant in new[] { "default", "red", "blue" })
        {
            new Caller("chief", tenant, Scopes.All).Enter();
            var names = await Names($"SELECT DISTINCT task_id FROM {table}");
            Assert.Equal([tenant == "default" ? "t" : tenant + "@t"], names);
        }

        new Caller("chief", "green", Scopes.All).Enter();
        Assert.Empty(await Names($"SELECT task_id FROM {table}"));
    }

    [Fact]
    public async Task A_tenant_that_guesses_an_inside_id_finds_nothing()
    {
        var queries = system.Queries;
        Assert.IsType<PostgresStateQueries>(queries);
        new Caller("chief", "blue", Scopes.All).Enter();
        Assert.Null(await queries.Find("red@t", default));
        Assert.NotNull(await queries.Find("blue@t", default));
        Assert.Empty(await queries.History("red@t", 0, 10, default));
        Assert.NotEmpty(await queries.History("blue@t", 0, 10, default));
        // The filter names another tenant than the caller's: the first wall is open, the second is not.
        Assert.Empty((await queries.List(new TaskFilter { Tenant = "red" }, default)).Tasks);
        Assert.Null(await queries.Tree("red@t", 10, default));
    }

    [Fact]
    public async Task The_role_that_reads_writes_nothing_and_nothing_of_it_stays_on_the_connection()
    {
        await using var single = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(system.Server.ConnectionString) { MaxPoolSize = 1 });
        new Caller("chief", "red", Scopes.All).Enter();
        await using (var batch = single.Behind(new NpgsqlBatchCommand("DELETE FROM gateway.submission")))
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => batch.Read(default));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        await using (var batch = single.Behind(new NpgsqlBatchCommand("SELECT current_user::text")))
        {
            await using var reader = await batch.Read(default);
            Assert.True(await reader.ReadAsync());
            Assert.Equal(TenantWall.Role, reader.GetString(0));
        }

        await using var after = single.CreateCommand("SELECT current_user::text || coalesce(current_setting('a2a.tenant', true), '')");
        Assert.DoesNotContain("red", (string)(await after.ExecuteScalarAsync())!, StringComparison.Ordinal);
        Assert.DoesNotContain(TenantWall.Role, (string)(await after.ExecuteScalarAsync())!, StringComparison.Ordinal);
    }

    private async Task<List<string>> Names(string sql)
    {
        await using var batch = system.Server.Source.Behind(new NpgsqlBatchCommand(sql));
        await using var reader = await batch.Read(default);
        var names = new List<string>();
        while (await reader.ReadAsync()) { names.Add(reader.GetString(0)); }
        return names;
    }

    /// <summary>The services over PostgreSQL, with a task of the same id of three tenants.</summary>
    public sealed class System : IAsyncLifetime
    {
        private WebApplication? _app;

        public PostgresServer Server { get; } = new();

        public IStateQueries Queries => _app!.Services.GetRequiredService<IStateQueries>();

        public async Task InitializeAsync()
        {
            await Server.InitializeAsync();
            _app = MicroHost.Build(
                ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=Error", "--ConnectionStrings:Postgres=" + Server.ConnectionString],
                TransportKind.InMemory, StoreKind.Postgres, [.. EmbeddedSystem.Services()]);
            await _app.StartAsync();
            foreach (var tenant in new[] { "default", "red", "blue" })
            {
                new Caller("chief", tenant, Scopes.All).Enter();
                _ = await _app.Services.GetRequiredService<Submissions>().Accept(
                    new SubmitTask { TaskId = "t", TaskType = "test.work" }, new byte[32], "key", default);
            }

            _ = await Eventually.Seen(
                cancel => Server.Read<long>("SELECT count(*) FROM state_sync.task_state", cancel), count => count == 3, "three documents");
        }

        public async Task DisposeAsync()
        {
            if (_app is not null)
            {
                await _app.StopAsync();
                await _app.DisposeAsync();
            }

            await Server.DisposeAsync();
        }
    }
}
