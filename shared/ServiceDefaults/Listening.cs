using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Where a host listens. A microservice follows ASPNETCORE_URLS and ASPNETCORE_HTTP_PORTS; without them nobody but the own machine
/// is let in. A host whose messages stay in memory knows no accounts worth the name, so it stays on the loopback address
/// unless its owner says otherwise.
/// </summary>
internal static class Listening
{
    public const int DefaultPort = 8080;

    public static void Apply(WebApplicationBuilder builder, HostSetup setup, MicroHostOptions host)
    {
        var configuration = builder.Configuration;
        var isOpen = OpenHosts.IsOpen(setup);
        var loopbackOnly = isOpen || (setup.Transport == TransportKind.InMemory && !host.AllowRemote);
        if (configuration["urls"] is { Length: > 0 } urls)
        {
            if (loopbackOnly) { RefuseRemote(urls, isOpen && host.AllowRemote || setup.Transport == TransportKind.RabbitMq); }
            return;
        }

        var ports = Split(configuration["http_ports"]);
        if (ports.Length > 0 && !loopbackOnly) { return; }
        if (ports.Length == 0) { ports = [$"{DefaultPort}"]; }
        _ = builder.WebHost
            .UseSetting("http_ports", "")
            .UseUrls([.. ports.Select(port => "http://127.0.0.1:" + port)]);
    }

    /// <summary>The port on which this configuration answers on the own machine.</summary>
    public static int LocalPort(IConfiguration configuration)
    {
        if (Split(configuration["urls"]).FirstOrDefault(url => url.StartsWith("http:", StringComparison.OrdinalIgnoreCase)) is { } url)
        {
            return BindingAddress.Parse(url).Port;
        }

        return Split(configuration["http_ports"]).FirstOrDefault() is { } port && int.TryParse(port, out var number)
            ? number
            : DefaultPort;
    }

    private static void RefuseRemote(string urls, bool becauseOpen)
    {
        foreach (var url in Split(urls))
        {
            var host = BindingAddress.Parse(url).Host;
            var own = host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
            if (!own)
            {
                throw new StartupRefusedException(becauseOpen
                    ? $"ASPNETCORE_URLS is '{urls}', but a host with Security__Mode=open listens on 127.0.0.1 only: set Security__Mode=required."
                    : $"ASPNETCORE_URLS is '{urls}', but a host whose messages stay in memory listens on 127.0.0.1 only: " +
                    "set A2A__AllowRemote=true to open it to the network.");
            }
        }
    }

    private static string[] Split(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
