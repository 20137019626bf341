using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;
using A2A.Micro.Security.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.ServiceDefaults.Services;

/// <summary>Calls from service to service: each shows a pass, and is asked for one.</summary>
public static class ServiceCalls
{
    private static readonly string KeyFile = $"{KeyOptions.Section}:{nameof(KeyOptions.ServiceKeyFile)}";

    /// <summary>Every request of this client shows a pass for one service, where this installation has keys.</summary>
    /// <param name="client">The client.</param>
    /// <param name="service">Who is asked, by the name of its module.</param>
    public static IHttpClientBuilder ShowsPass(this IHttpClientBuilder client, string service)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.AddHttpMessageHandler(provider => new Bearer(
            service, provider.GetRequiredService<InternalAccess>(), provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Whether services of this configuration know each other.</summary>
    internal static string? KeyFileOf(HostSetup setup) => setup.Configuration[KeyFile] is { Length: > 0 } path ? path : null;

    internal static void AddInternalAccess(this IServiceCollection services, HostSetup setup, IReadOnlyList<IModule> modules) =>
        services.AddSingleton(new InternalAccess(
            KeyFileOf(setup) is { } path ? new WatchedFile<ServiceKeys>(path, ServiceKeys.Read, TimeProvider.System).Opened() : null,
            [.. modules.Select(module => module.Name)], OpenHosts.IsOpen(setup)));

    internal static void UseInternalDoor(this WebApplication app) => app.UseMiddleware<InternalDoor>();

    private sealed class Bearer(string service, InternalAccess access, TimeProvider clock) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (access.Keys is { } keys)
            {
                var tenant = request.Headers.TryGetValues(ServicePass.TenantHeader, out var named) ? string.Join(',', named) : "";
                request.Headers.Add(ServicePass.Header, ServicePass.Make(
                    keys.Value, new ServiceRequest(service, request.Method.Method, request.RequestUri!.PathAndQuery, tenant), clock.GetUtcNow()));
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
