using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway;
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
            var names = await Names(table, $"SELECT DISTINCT task_id FROM {table}");
            Assert.Equal([tenant == "default" ? "t" : tenant + "@t"], names);
        }

        new Caller("chief", "green", Scopes.All).Enter();
        Assert.Empty(await Names(table, $"SELECT task_id FROM {table}"));
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
        await using (var batch = single.Behind(GatewayDb.SchemaName, new NpgsqlBatchCommand("DELETE FROM gateway.submission")))
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => batch.Read(default));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        await using (var batch = single.Behind(GatewayDb.SchemaName, new NpgsqlBatchCommand("SELECT current_user::text")))
        {
            await using var reader = await batch.Read(default);
            Assert.True(await reader.ReadAsync());
            Assert.Equal("a2a_gateway_reader", reader.GetString(0));
        }

        await using var after = single.CreateCommand("SELECT current_user::text || coalesce(current_setting('a2a.tenant', true), '')");
        Assert.DoesNotContain("red", (string)(await after.ExecuteScalarAsync())!, StringComparison.Ordinal);
        Assert.DoesNotContain("reader", (string)(await after.ExecuteScalarAsync())!, StringComparison.Ordinal);
    }

    /// <summary>Tables without a wall, and why each has none.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["*.migration"] = "which scripts were run",
        ["*.inbox"] = "messages that are on their way, of all tenants: for the service alone",
        ["*.outbox"] = "messages that are on their way, of all tenants: for the service alone",
        ["resource_manager.agent"] = "agents belong to the installation",
        ["resource_manager.pool"] = "a number",
        ["resource_manager.sealing_key"] = "public keys of agents, which belong to the installation",
        ["resource_manager.requester_use"] = "sums per requester, for quotas, which belong to the installation",
        ["resource_manager.agent_report"] = "what agents work on, of all tenants: for the service alone",
        ["resource_manager.denial"] = "sums over all tenants, shown to the installation alone",
        ["security.audit_head"] = "the end of the chain over all tenants",
    };

    [Fact]
    public async Task Every_table_has_a_wall_between_tenants_or_says_why_not()
    {
        Assert.Empty(await WithoutWall());
        Assert.All(Exceptions.Keys.Where(name => name[0] != '*'), name => Assert.Contains(name, _known));
        _ = await system.Server.Execute("CREATE TABLE gateway.planted (task_id text); CREATE TABLE scheduler.lonely (task_id text); "
            + "ALTER TABLE scheduler.lonely ENABLE ROW LEVEL SECURITY; CREATE POLICY one_tenant ON scheduler.lonely USING (true)");
        try { Assert.Equal(["gateway.planted", "scheduler.lonely"], await WithoutWall()); }
        finally { _ = await system.Server.Execute("DROP TABLE gateway.planted, scheduler.lonely"); }
    }

    [Fact]
    public async Task Whoever_reads_a_walled_table_in_another_role_sees_one_tenant_and_without_one_nothing()
    {
        _ = await WithoutWall();
        var role = "a2a_wall_" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");
        var schemas = string.Join(", ", _known.Select(table => table.Split('.')[0]).Distinct());
        _ = await system.Server.Execute(
            $"CREATE ROLE {role}; GRANT USAGE ON SCHEMA {schemas} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {role}");
        try
        {
            foreach (var table in _known.Except(Exceptions.Keys).Where(table => !Exceptions.ContainsKey("*." + table.Split('.')[1])))
            {
                var all = await Count(table, null, null);
                Assert.Equal(0, await Count(table, role, null));
                Assert.Equal(0, await Count(table, role, "green"));
                var each = await Task.WhenAll(((string[])["default", "red", "blue"]).Select(tenant => Count(table, role, tenant)));
                Assert.Equal(all, each.Sum());
                if (table is "scheduler.task_saga" or "state_sync.task_state" or "gateway.submission") { Assert.Equal([1, 1, 1], each); }
            }
        }
        finally
        {
            _ = await system.Server.Execute($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    private HashSet<string> _known = [];

    private async Task<int> Count(string table, string? role, string? tenant)
    {
        await using var connection = await system.Server.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT set_config('a2a.tenant', '{tenant}', true), set_config('role', '{role ?? "none"}', true)";
        _ = await command.ExecuteNonQueryAsync();
        command.CommandText = $"SELECT count(*)::int FROM {table}";
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<string>> WithoutWall()
    {
        await using var command = system.Server.Source.CreateCommand("""
            SELECT n.nspname || '.' || c.relname, c.relrowsecurity AND EXISTS (
              SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'one_tenant' AND p.polroles = '{0}'
                AND (pg_get_expr(p.polqual, p.polrelid) LIKE '%a2a.tenant%' OR c.relname = 'webhook_attempt'))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema'
            ORDER BY 1
            """);
        var (without, known) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var name = reader.GetString(0);
            _ = known.Add(name);
            if (!reader.GetBoolean(1) && !Exceptions.ContainsKey(name) && !Exceptions.ContainsKey("*." + name.Split('.')[1])) { without.Add(name); }
        }

        _known = known;
        return without;
    }

    private async Task<List<string>> Names(string table, string sql)
    {
        await using var batch = system.Server.Source.Behind(table.Split('.')[0], new NpgsqlBatchCommand(sql));
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
