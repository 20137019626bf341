using A2A.Micro.Persistence.Migrations;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Persistence.Timers;
using MassTransit;
using MassTransit.Configuration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace A2A.Micro.Persistence;

/// <summary>Registration that reads like the MassTransit.EntityFrameworkCore package, whose place this library takes.</summary>
public static class PersistenceRegistration
{
    /// <summary>The connection string's name: <c>ConnectionStrings__Postgres</c> in the environment.</summary>
    public const string ConnectionName = "Postgres";

    /// <summary>The service's database with its migrations; nothing with in-memory stores.</summary>
    public static IServiceCollection AddModuleDb<TDb>(this IServiceCollection services, StoreKind stores, IConfiguration configuration)
        where TDb : ModuleDb
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (stores == StoreKind.InMemory) { return services; }
        services.TryAddSingleton(_ => Open(configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException("ConnectionStrings__Postgres is not set")));
        _ = services.AddPooledDbContextFactory<TDb>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()));
        return services.AddSingleton<Migrator<TDb>>()
            .AddSingleton<IMigrator>(provider => provider.GetRequiredService<Migrator<TDb>>())
            .AddHostedService(provider => provider.GetRequiredService<Migrator<TDb>>())
            .AddHostedService<StartTurn<TDb>>();
    }

    // Several hosts are one database with its standbys: the next one is tried when one cannot be reached, and a standby is passed over until it is
    // promoted, unless the connection string says otherwise (Target Session Attributes).
    private static NpgsqlDataSource Open(string connection)
    {
        var tuned = new NpgsqlConnectionStringBuilder(Tuned(connection));
        if (tuned.Host?.Contains(',', StringComparison.Ordinal) != true) { return NpgsqlDataSource.Create(tuned); }
        var word = tuned.TargetSessionAttributes?.Replace("-", "", StringComparison.Ordinal);
        var wanted = Enum.TryParse<TargetSessionAttributes>(word, ignoreCase: true, out var said) ? said : TargetSessionAttributes.Primary;
        tuned.TargetSessionAttributes = null;
        return new NpgsqlDataSourceBuilder(tuned.ConnectionString).BuildMultiHost().WithTargetSession(wanted);
    }

    // The same few statements run all day: prepared once per connection, they are not planned again. A connection carries no state of ours
    // from one use to the next, so it need not be cleaned either, which would cost a statement each time and forget the prepared ones.
    private static string Tuned(string connection)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection)
        {
            NoResetOnClose = true,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 3,
        };
        builder.Options = $"{PointAccess} {builder.Options}".Trim();
        return builder.ConnectionString;
    }

    // Every statement of ours finds a handful of rows by key. The planner, whose figures about a young or fast growing table are old, would
    // now and then read all of it instead, and a prepared statement would keep that plan. docs/performance.md has what was tried.
    private const string PointAccess =
        "-c enable_seqscan=off -c enable_mergejoin=off -c jit=off";

    /// <summary>The way out for messages that HTTP requests and background duties commit.</summary>
    public static IServiceCollection AddOutbox<TDb>(this IServiceCollection services, StoreKind stores) where TDb : ModuleDb
    {
        _ = services.AddOptions<OutboxOptions>().BindConfiguration("A2A:Outbox").ValidateDataAnnotations().ValidateOnStart();
        _ = stores == StoreKind.InMemory
            ? services.AddSingleton<IOutboxTable<TDb>, InMemoryOutboxTable<TDb>>()
            : services.AddSingleton<IOutboxTable<TDb>, PostgresOutboxTable<TDb>>();
        return services.AddSingleton<OutboxDispatcher<TDb>>()
            .AddSingleton<IOutbox<TDb>>(provider => provider.GetRequiredService<OutboxDispatcher<TDb>>())
            .AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher<TDb>>());
    }

    /// <summary>Where sagas of one kind are kept.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="stores">Which kind of store.</param>
    /// <param name="startedBy">Messages that create a saga as a rule; they are handled without looking for one first.</param>
    public static IServiceCollection AddSagaStore<TSaga, TDb>(this IServiceCollection services, StoreKind stores, params Type[] startedBy)
        where TSaga : SagaRow, new()
        where TDb : ModuleDb
    {
        _ = services.AddSingleton(new SagaStarts<TSaga>(startedBy));
        return stores == StoreKind.InMemory
            ? services.AddSingleton<ISagaStore<TSaga>, InMemorySagaStore<TSaga>>()
            : services.AddSingleton<PostgresSagaStore<TSaga, TDb>>().AddSingleton<ISagaStore<TSaga>>(provider =>
                new RememberingSagaStore<TSaga>(provider.GetRequiredService<PostgresSagaStore<TSaga, TDb>>()));
    }

    /// <summary>Wakes sagas of one kind when their <see cref="SagaRow.DueAt"/> has come.</summary>
    public static IServiceCollection AddSagaTimers<TSaga>(this IServiceCollection services, WakeUp<TSaga> wakeUp) where TSaga : SagaRow
    {
        _ = services.AddOptions<TimerOptions>().BindConfiguration("A2A:Timers").ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton(wakeUp).AddHostedService<DueSweeper<TSaga>>();
    }

    /// <summary>Keeps the sagas of a machine in the store that <see cref="AddSagaStore{TSaga,TDb}"/> registered.</summary>
    public static ISagaRegistrationConfigurator<TSaga> EntityFrameworkRepository<TSaga>(this ISagaRegistrationConfigurator<TSaga> saga)
        where TSaga : SagaRow
    {
        ArgumentNullException.ThrowIfNull(saga);
        return saga.Repository(registration =>
            registration.RegisterSagaRepository<TSaga, ISagaStore<TSaga>, StoreConsumeContextFactory<TSaga>, SagaRepositoryContextFactory<TSaga>>());
    }
}
