using A2A.Micro.Persistence;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Security;

/// <summary>What a host with callers of its own registers.</summary>
public static class SecurityRegistration
{
    /// <summary>Keys, tokens and who bears them; what they did.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services, StoreKind stores, IConfiguration configuration)
    {
        _ = services.AddModuleDb<SecurityDb>(stores, configuration);
        _ = services.AddHttpClient(nameof(IssuerKeys), http =>
        {
            http.Timeout = TimeSpan.FromSeconds(5);
            http.MaxResponseContentBufferSize = JwsKeySet.BytesMax;
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
        _ = stores == StoreKind.InMemory
            ? services.AddSingleton<IApiKeyStore, InMemoryApiKeyStore>()
            : services.AddSingleton<IApiKeyStore, PostgresApiKeyStore>();
        _ = stores == StoreKind.InMemory
            ? services.AddSingleton<IAuditStore, InMemoryAuditStore>()
            : services.AddSingleton<IAuditStore, PostgresAuditStore>();
        return services.AddSingleton<Authenticator>().AddHostedService<KeyUseDuty>()
            .AddSingleton<AuditLog>().AddHostedService(provider => provider.GetRequiredService<AuditLog>())
            .AddSingleton(AnchorKey.Of(configuration[$"{BrokerOptions.Section}:{nameof(BrokerOptions.SigningKeyFile)}"]))
            .AddHostedService<AuditAnchors>();
    }
}
