using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>A started host of one module made of lambdas, on a port of its own.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private TestHost(WebApplication app) => App = app;

    public WebApplication App { get; }

    public HttpClient Http { get; private set; } = null!;

    public IBus Bus => App.Services.GetRequiredService<IBus>();

    public required RecordingLog Log { get; init; }

    public static async Task<TestHost> Start(LambdaModule module, params string[] args)
    {
        var log = new RecordingLog();
        var services = module.Services;
        module.Services = collection =>
        {
            _ = collection.AddSingleton<ILoggerProvider>(log);
            services?.Invoke(collection);
        };
        var app = MicroHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Logging:Console:LogLevel:Default=None", .. args],
            TransportKind.InMemory, StoreKind.InMemory, [module]);
        var host = new TestHost(app) { Log = log };
        await app.StartAsync();
        await app.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(30));
        host.Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        return host;
    }

    /// <summary>The arguments that put the same module on the broker of <c>A2A_TEST_RABBITMQ</c>; null without one.</summary>
    public static string[]? Broker()
    {
        if (Environment.GetEnvironmentVariable("A2A_TEST_RABBITMQ") is not { Length: > 0 } address) { return null; }
        var uri = new Uri(address);
        var user = Uri.UnescapeDataString(uri.UserInfo).Split(':');
        var vhost = uri.AbsolutePath is { Length: > 1 } path ? Uri.UnescapeDataString(path[1..]) : "/";
        return
        [
            "--A2A:Transport=rabbitmq", $"--RabbitMq:Host={uri.Host}", $"--RabbitMq:Port={uri.Port}", $"--RabbitMq:User={user[0]}",
            $"--RabbitMq:Password={user[1]}", $"--RabbitMq:VirtualHost={vhost}",
        ];
    }

    public async Task Send<T>(string endpoint, T message, Action<SendContext<T>>? shape = null) where T : class
    {
        var address = await Bus.GetSendEndpoint(Endpoints.Address(endpoint));
        await address.Send(message, context => shape?.Invoke(context), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

internal sealed class LambdaModule : IModule
{
    public string Name => "lambda";

    public Action<IServiceCollection>? Services { get; set; }

    public Action<IBusRegistrationConfigurator>? Consumers { get; init; }

    public Action<IBusFactoryConfigurator, IBusRegistrationContext>? Queues { get; init; }

    public Action<IEndpointRouteBuilder>? Routes { get; init; }

    public void AddServices(IServiceCollection services, HostSetup setup) => Services?.Invoke(services);

    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup) => Consumers?.Invoke(bus);

    public void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context) => Queues?.Invoke(bus, context);

    public void MapEndpoints(IEndpointRouteBuilder routes) => Routes?.Invoke(routes);
}
