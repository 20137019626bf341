using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// One service, as what it adds to a host. <see cref="MicroHost"/> makes a microservice of one module and the embedded build of
/// several; a module never knows which.
/// </summary>
public interface IModule
{
    /// <summary>The service's name in telemetry, health and logs, such as <c>scheduler</c>.</summary>
    string Name { get; }

    /// <summary>Whether it has a store of its own; a process of which no module has one needs no database. An agent has none.</summary>
    bool KeepsFacts => true;

    /// <summary>The agent that this module is; null: it is a service.</summary>
    string? AgentId => null;

    /// <summary>The endpoints of this module that agents speak to.</summary>
    IEnumerable<string> HearsAgentsAt => [];

    /// <summary>Options, stores, background duties.</summary>
    void AddServices(IServiceCollection services, HostSetup setup);

    /// <summary>Consumers and sagas with their definitions.</summary>
    void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup);

    /// <summary>Receive endpoints that MassTransit's conventions cannot make, such as an agent's own queue.</summary>
    void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context)
    {
    }

    /// <summary>HTTP routes.</summary>
    void MapEndpoints(IEndpointRouteBuilder routes)
    {
    }
}

/// <summary>What was decided before the modules are asked: where messages travel and where facts are kept.</summary>
/// <param name="Transport">In-memory or RabbitMQ.</param>
/// <param name="Stores">In-memory or PostgreSQL.</param>
/// <param name="Configuration">For binding a module's own options class, and for nothing else.</param>
public sealed record HostSetup(TransportKind Transport, Persistence.StoreKind Stores, IConfiguration Configuration);

/// <summary>Where messages travel.</summary>
public enum TransportKind
{
    /// <summary>Inside the process; lost when it ends.</summary>
    InMemory,

    /// <summary>RabbitMQ quorum queues with publisher confirms.</summary>
    RabbitMq,
}
