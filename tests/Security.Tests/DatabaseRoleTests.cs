using A2A.Micro.AgentSdk;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Migrations;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace A2A.Micro.Security.Tests;

/// <summary>
/// The owner of the database migrates it; services run in roles of their own that read and write rows of their own schema, and nothing else.
/// </summary>
[Trait("Requirement", "61")]
public sealed class DatabaseRoleTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private const string Password = "of-a-role-in-a-test";
    private static readonly string[] Services = ["gateway", "scheduler", "resource_manager", "state_sync"];

    // Roles are the whole server's, and other tests run at the same time: each step takes what another has done already.
    public async Task InitializeAsync()
    {
        foreach (var service in Services) { await Role($"a2a_{service}", "NOINHERIT"); }
        await Role("a2a_of_all", "INHERIT");
        foreach (var service in Services) { await Quietly($"GRANT a2a_{service} TO a2a_of_all"); }
        await using var owner = Host(server.ConnectionString);
        foreach (var migrator in owner.Services.GetServices<IMigrator>()) { await migrator.Migrate(default); }
        foreach (var service in (string[])["gateway", "state_sync"])
        {
            await Quietly($"GRANT {TenantWall.ReaderOf(service)} TO a2a_{service}");
            await Quietly($"GRANT {TenantWall.ReaderOf(service)} TO a2a_of_all");
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_task_goes_its_whole_way_in_roles_that_own_nothing()
    {
        await using var app = Host(As("a2a_of_all"), new AgentModule("worker", agent => agent.Slots(2)
            .Handle<SecureHost.Work, SecureHost.Done>("test.work", (work, _) => Task.FromResult(new SecureHost.Done { Echo = work.Say }))));
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var text = "";
        foreach (var id in (string[])["first", "second"])
        {
            using var body = new StringContent($$$"""{"task_id":"{{{id}}}","task_type":"test.work","parameters":{"say":"hello"}}""", null, "application/json");
            using var reply = await http.PostAsync(new Uri("/v1/tasks?wait=20", UriKind.Relative), body);
            text = await reply.Content.ReadAsStringAsync();
            Assert.Contains("\"completed\"", text, StringComparison.Ordinal);
        }

        foreach (var path in (string[])
            ["/v1/tasks", "/v1/tasks/first/history", "/v1/workflows", "/v1/webhooks", "/v1/dead-letters", "/v1/resources", "/v1/audit"])
        {
            using var reply = await http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(reply.IsSuccessStatusCode, $"{path}: {await reply.Content.ReadAsStringAsync()}");
        }

        await app.StopAsync();
    }

    [Fact]
    public async Task No_role_of_a_service_changes_the_schema_or_reads_another_services_tables()
    {
        foreach (var service in Services)
        {
            await using var source = NpgsqlDataSource.Create(As("a2a_" + service));
            await Denied(source, $"CREATE TABLE {service}.planted (x int)");
            await Denied(source, $"ALTER TABLE {service}.outbox ADD COLUMN x int");
            await Denied(source, $"DROP TABLE {service}.outbox");
            await Denied(source, $"TRUNCATE {service}.outbox");
            await Denied(source, $"DELETE FROM {service}.migration");
            await Denied(source, "CREATE ROLE planted");
            await Denied(source, "CREATE SCHEMA planted");
            await Denied(source, "SET ROLE a2a_" + Services.First(other => other != service));
            Assert.False(await Read<bool>(
                source, "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"));
            var own = service == "gateway" ? (string[])["gateway", "security"] : [service];
            foreach (var table in await Tables())
            {
                if (own.Contains(table.Split('.')[0])) { _ = await Read<long>(source, $"SELECT count(*) FROM {table}"); }
                else { await Denied(source, $"SELECT FROM {table}"); }
            }
        }
    }

    [Fact]
    public async Task The_role_that_reads_for_callers_reads_nothing_of_another_service()
    {
        await using var source = NpgsqlDataSource.Create(As("a2a_gateway"));
        await Denied(source, "SET ROLE a2a_state_sync_reader");
        await Denied(source, "BEGIN; SET LOCAL ROLE a2a_gateway_reader; SELECT FROM state_sync.task_state");
        await Denied(source, "BEGIN; SET LOCAL ROLE a2a_gateway_reader; SELECT FROM security.api_key");
        await Denied(source, "BEGIN; SET LOCAL ROLE a2a_gateway_reader; INSERT INTO gateway.submission DEFAULT VALUES");
    }

    [Fact]
    public async Task The_audit_is_added_to_and_never_changed()
    {
        await using var source = NpgsqlDataSource.Create(As("a2a_gateway"));
        foreach (var sql in (string[])["UPDATE security.audit SET actor = 'mallory'", "DELETE FROM security.audit", "TRUNCATE security.audit"])
        {
            await Denied(source, sql);
        }

        await new Audit.PostgresAuditStore(source).Append([AuditChainTests.Entry(1)], default);
    }

    [Fact]
    public async Task A_host_whose_role_may_not_migrate_refuses_a_database_that_lacks_something()
    {
        await using var scheduler = Host(As("a2a_of_all"));
        _ = await server.Execute("DELETE FROM scheduler.migration WHERE name LIKE '0009%'");
        try
        {
            var refused = await Assert.ThrowsAsync<PendingMigrationsException>(() => scheduler.StartAsync());
            Assert.StartsWith(
                "Schema scheduler lacks 0009_walls.sql, and a2a_of_all may not change it: run --migrate", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            _ = await server.Execute("INSERT INTO scheduler.migration (name) VALUES ('0009_walls.sql')");
        }
    }

    private static async Task Denied(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        Assert.True(refused.SqlState == PostgresErrorCodes.InsufficientPrivilege, $"{sql}: {refused.SqlState} {refused.MessageText}");
    }

    private async Task<List<string>> Tables()
    {
        await using var command = server.Source.CreateCommand(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
        var names = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) { names.Add(reader.GetString(0)); }
        return names;
    }

    private static async Task<T> Read<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task Role(string name, string how)
    {
        await Quietly($"CREATE ROLE {name} LOGIN");
        await Quietly($"ALTER ROLE {name} LOGIN {how} PASSWORD '{Password}'");
    }

    private async Task Quietly(string sql)
    {
        for (var i = 0; i < 20; i++)
        {
            try
            {
                _ = await server.Execute(sql);
                return;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
            {
                return;
            }
            catch (PostgresException e) when (e.MessageText.Contains("concurrently", StringComparison.Ordinal))
            {
                // Another test gives the same role the same at this moment.
            }
        }
    }

    private string As(string role) => new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = role, Password = Password }.ConnectionString;

    private static WebApplication Host(string connection, params IModule[] more) => MicroHost.Build(
        ["--urls=http://127.0.0.1:0", "--environment=Test", "--Logging:LogLevel:Default=Error", "--ConnectionStrings:Postgres=" + connection],
        TransportKind.InMemory, StoreKind.Postgres, [.. EmbeddedSystem.Services(), .. more]);
}
