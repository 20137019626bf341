using A2A.Micro.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.Persistence.Tests;

/// <summary>Instances of a service start their bus one after the other, because they declare the same queues.</summary>
public sealed class StartTurnTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task The_second_instance_starts_when_the_first_has_its_bus()
    {
        await using var services = new ServiceCollection().AddPooledDbContextFactory<PingDb>(options => options.UseNpgsql(postgres.Source))
            .BuildServiceProvider();
        await using var first = Turn(services);
        await using var second = Turn(services);
        await first.StartAsync(CancellationToken.None);
        var waits = second.StartAsync(CancellationToken.None);
        _ = await Eventually.Seen(_ => Turns("not granted"), count => count == 1, "the second one waits");
        Assert.False(waits.IsCompleted);

        await first.StartedAsync(CancellationToken.None);

        await waits;
        await second.StartedAsync(CancellationToken.None);
        _ = await Eventually.Seen(_ => Turns("granted"), count => count == 0, "nobody holds a turn");
    }

    private Task<long> Turns(string which) => postgres.Read<long>($"""
        select count(*) from pg_locks join pg_database on pg_database.oid = database and datname = current_database()
        where locktype = 'advisory' and {which}
        """);

    private StartTurn<PingDb> Turn(IServiceProvider services) =>
        new(postgres.Source, services.GetRequiredService<IDbContextFactory<PingDb>>(), services, NullLogger<StartTurn<PingDb>>.Instance);
}
