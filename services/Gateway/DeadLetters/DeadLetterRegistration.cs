using A2A.Micro.Persistence;
using A2A.Micro.Security.Audit;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>Where dead letters are kept, and from where they are collected.</summary>
internal static class DeadLetterRegistration
{
    private const int AtOnce = 8;

    /// <summary>The record and its duty.</summary>
    public static void AddDeadLetters(this IServiceCollection services, HostSetup setup)
    {
        _ = setup.Stores == StoreKind.InMemory
            ? services.AddSingleton<IDeadLetterStore, InMemoryDeadLetterStore>()
            : services.AddSingleton<IDeadLetterStore, PostgresDeadLetterStore>();
        _ = services.AddSingleton<LetterMail>().AddSingleton<AgentSuspension>().AddHostedService<LetterDuty>().AddHostedService<LetterReview>();
    }

    /// <summary>One endpoint per queue of what failed, what was skipped, and what killed its consumers.</summary>
    public static void CollectDeadLetters(this IBusFactoryConfigurator bus, IBusRegistrationContext context)
    {
        var setup = context.GetRequiredService<HostSetup>();
        // What the broker keeps must not be taken from it to be forgotten with this process.
        if (setup is { Transport: TransportKind.RabbitMq, Stores: StoreKind.InMemory }) { return; }
        foreach (var queue in DeadLetterRules.Queues)
        {
            Collect(queue + "_error", queue, LetterCause.Failed);
            Collect(queue + "_skipped", queue, LetterCause.Skipped);
        }

        Collect(DeadLetterRules.KilledQueue, DeadLetterRules.KilledQueue, LetterCause.Killed);

        void Collect(string from, string queue, LetterCause cause) => bus.ReceiveEndpoint(from, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            (endpoint.PrefetchCount, endpoint.ConcurrentMessageLimit) = (AtOnce, AtOnce);
            endpoint.ConfigureReceive(pipe => pipe.UseFilter(new LetterCollector(
                queue, cause, context.GetRequiredService<IDeadLetterStore>(), context.GetRequiredService<AuditLog>(),
                context.GetRequiredService<AgentSuspension>(), context.GetRequiredService<GatewayMetrics>(), context.GetRequiredService<TimeProvider>(),
                context.GetRequiredService<ILogger<LetterCollector>>())));
        });
    }
}
