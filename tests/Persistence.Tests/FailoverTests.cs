using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace A2A.Micro.Persistence.Tests;

/// <summary>COM002, failover to the next configured endpoint (requirement 48): two ways to one database, of which one is cut.</summary>
[Trait("Requirement", "48")]
public sealed class FailoverTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task When_one_host_cannot_be_reached_the_next_one_serves_and_the_first_again_when_that_one_goes()
    {
        var given = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        await using var first = new TcpWay(given.Host!, given.Port);
        await using var second = new TcpWay(given.Host!, given.Port);
        await using var services = Services($"127.0.0.1:{first.Port},127.0.0.1:{second.Port}");
        var source = services.GetRequiredService<NpgsqlDataSource>();
        Assert.Equal(1, await One(source));

        first.Cut();
        await Serves(source);
        first.Mend();
        second.Cut();
        await Serves(source);

        first.Cut();
        var broken = await Assert.ThrowsAnyAsync<NpgsqlException>(async () => { while (true) { _ = await One(source); } });
        Assert.True(DatabaseOutage.Is(broken), broken.ToString());
        second.Mend();
        await Serves(source);
    }

    [Fact]
    public async Task A_standby_is_passed_over_unless_the_connection_string_says_otherwise()
    {
        var given = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        await using var way = new TcpWay(given.Host!, given.Port);
        var hosts = $"127.0.0.1:{way.Port},127.0.0.1:{given.Port}";
        await using var services = Services(hosts);
        Assert.Equal(1, await One(services.GetRequiredService<NpgsqlDataSource>()));
        await using var standby = Services(hosts + ";Target Session Attributes=standby");
        _ = await Assert.ThrowsAnyAsync<NpgsqlException>(() => One(standby.GetRequiredService<NpgsqlDataSource>()));
    }

    private ServiceProvider Services(string hosts)
    {
        var given = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        var connection = $"Host={hosts};Username={given.Username};Password={given.Password};Database={given.Database};Timeout=2;Host Recheck Seconds=0";
        return new ServiceCollection().AddLogging().AddModuleDb<PingDb>(StoreKind.Postgres, new ConfigurationBuilder()
            .AddInMemoryCollection([new KeyValuePair<string, string?>("ConnectionStrings:Postgres", connection)]).Build()).BuildServiceProvider();
    }

    private static async Task<int> One(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select 1");
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Serves(NpgsqlDataSource source) => _ = await Eventually.Seen(async _ =>
    {
        try { return await One(source) == 1; }
        catch (NpgsqlException) { return false; }
    }, serves => serves, "the other host serves");
}
