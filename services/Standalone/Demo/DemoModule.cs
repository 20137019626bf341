using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Standalone.Demo;

/// <summary>Adds the demo job to the host.</summary>
public sealed class DemoModule(Arguments arguments) : IModule
{
    /// <inheritdoc />
    public string Name => "demo";

    /// <inheritdoc />
    public void AddServices(IServiceCollection services, HostSetup setup) =>
        services.AddSingleton(arguments).AddHostedService<DemoJob>();

    /// <inheritdoc />
    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        // it is a submitter like any other and talks HTTP
    }
}
