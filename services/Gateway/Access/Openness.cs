using A2A.Micro.ServiceDefaults;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Access;

/// <summary>Whether this host asks for credentials at all. That an open one is reached from its own machine only, the start has checked.</summary>
public sealed class Openness(HostSetup setup)
{
    /// <summary>Everybody may come in.</summary>
    public bool IsOpen { get; } = OpenHosts.IsOpen(setup);
}

/// <summary>Says at the start that everybody may come in.</summary>
internal sealed partial class OpennessNotice(Openness openness, ILogger<OpennessNotice> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (openness.IsOpen)
        {
            Console.WriteLine("OPEN: nobody is asked for a credential; only this machine is answered.");
            LogOpen(log);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(3112, LogLevel.Warning, "Open: nobody is asked for a credential; only this machine is answered")]
    private static partial void LogOpen(ILogger log);
}
