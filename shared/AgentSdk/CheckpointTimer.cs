namespace A2A.Micro.AgentSdk;

/// <summary>
/// Saves checkpoints of work that never waits: at most so often, at once when the work shall pause or the process ends, and none while the last
/// one is still on its way, so that work goes on while the bus is away.
/// </summary>
/// <param name="context">The attempt.</param>
/// <param name="interval">Shortest time between two checkpoints.</param>
/// <param name="clock">Measures it.</param>
public sealed class CheckpointTimer(TaskContext context, TimeSpan interval, TimeProvider clock)
{
    private long last = clock.GetTimestamp();
    private Task saving = Task.CompletedTask;
    private bool leaving;

    /// <summary>Whether a checkpoint is worth its price now.</summary>
    public bool IsDue()
    {
        if (context.PauseRequested) { return true; }
        if (!saving.IsCompleted) { return false; }
        var endsNow = !leaving && context.ShutdownToken.IsCancellationRequested;
        leaving |= endsNow;
        return endsNow || clock.GetElapsedTime(last) >= interval;
    }

    /// <summary>Saves a place to go on from; leaves the handler there when the work shall pause.</summary>
    /// <param name="resumeToken">The place; what it points to is safe.</param>
    /// <param name="portion">How much is done, 0..1.</param>
    /// <exception cref="TaskPausedException">The work shall pause; let it leave the handler.</exception>
    public void Save(string resumeToken, double portion)
    {
        if (context.PauseRequested) { context.PauseAt(resumeToken, portion); }
        last = clock.GetTimestamp();
        saving = context.Checkpoint(resumeToken, portion);
    }
}
