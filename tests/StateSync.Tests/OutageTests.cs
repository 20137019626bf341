using A2A.Micro.Contracts.States;
using A2A.Micro.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace A2A.Micro.StateSync.Tests;

/// <summary>The database goes away while steps come in (requirement 36): they are tried again, and nobody hears of what was not committed.</summary>
[Trait("Requirement", "36")]
public sealed class OutageTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task What_comes_while_the_database_is_away_is_announced_when_it_is_committed_and_not_before()
    {
        var database = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        await using var way = new TcpWay(database.Host!, database.Port);
        (database.Host, database.Port) = ("127.0.0.1", way.Port);
        var listener = new Listener();
        await using var host = MicroHost.Build(
            ["--urls=http://127.0.0.1:0", $"--ConnectionStrings:Postgres={database.ConnectionString}", "--Logging:LogLevel:Default=None"],
            TransportKind.InMemory, Persistence.StoreKind.Postgres, [new StateSyncModule(), listener]);
        await host.StartAsync();
        await Listener.Send(host.Services, Life.Running("before").Inputs);
        await listener.Heard("before", 4);

        way.Cut();
        await Listener.Send(host.Services, Life.Running("meanwhile").Inputs);
        await Eventually.True(() => !listener.Faulted.IsEmpty, "a step was tried in vain");
        Assert.DoesNotContain(listener.All, one => one.Changed.TaskId == "meanwhile");

        way.Mend();
        await listener.Heard("meanwhile", 4);
        Assert.Equal(4, (await host.Services.GetRequiredService<IStateQueries>().Find("meanwhile", default))!.Version);
        await host.StopAsync();
    }
}
