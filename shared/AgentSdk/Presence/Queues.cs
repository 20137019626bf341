using MassTransit;

namespace A2A.Micro.AgentSdk.Presence;

/// <summary>Knows when an agent's two queues are there: an agent that announced itself before would be offered work that is lost.</summary>
internal sealed class Queues : IReceiveEndpointObserver
{
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Uri> seen = [];

    /// <summary>Completes when both are.</summary>
    public Task Ready => ready.Task;

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        lock (seen)
        {
            _ = seen.Add(ready.InputAddress);
            if (seen.Count >= 2) { _ = this.ready.TrySetResult(); }
        }

        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
}
