using System.Net;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Where webhooks are kept, and who sends to them.</summary>
internal static class WebhookRegistration
{
    /// <summary>The record, the sender and its duties.</summary>
    public static void AddWebhooks(this IServiceCollection services, HostSetup setup)
    {
        _ = services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations()
            .Validate(options => options.RetryDelays.All(pause => pause >= TimeSpan.Zero && pause <= TimeSpan.FromDays(30)),
                "A2A__Webhooks__RetryDelays: every entry must be 00:00:00 to 30.00:00:00.")
            .ValidateOnStart();
        _ = setup.Stores == StoreKind.InMemory
            ? services.AddSingleton<IWebhookStore, InMemoryWebhookStore>()
            : services.AddSingleton<WebhookVault>().AddSingleton<PostgresWebhookStore>()
                .AddSingleton<IWebhookStore>(provider => provider.GetRequiredService<PostgresWebhookStore>()).AddHostedService<RewrapDuty>();
        _ = setup.Transport == TransportKind.InMemory
            ? services.AddSingleton<IEventBinding, InProcessEventBinding>()
            : services.AddSingleton<IEventBinding, BrokerEventBinding>();
        services.TryAddSingleton<ResolveHost>((host, cancellation) => Dns.GetHostAddressesAsync(host, cancellation));
        _ = services.AddSingleton<WebhookSender>().AddSingleton<WebhookBell>().AddSingleton<EventFeed>()
            .AddSingleton<BindingDuty>()
            .AddHostedService(provider => provider.GetRequiredService<BindingDuty>())
            .AddHostedService<WebhookDuty>();
    }
}
