namespace A2A.Micro.AgentSdk;

/// <summary>
/// The handler stopped where it can go on from; thrown by <see cref="TaskContext.PauseAt"/>. Let it leave the handler: it becomes the
/// confirmation of the pause.
/// </summary>
/// <param name="resumeToken">Where to go on from; null: from the last checkpoint.</param>
/// <param name="portion">How much is done, 0..1.</param>
public sealed class TaskPausedException(string? resumeToken, double portion) : Exception("the task paused on request")
{
    /// <summary>Where to go on from; null: from the last checkpoint.</summary>
    public string? ResumeToken { get; } = resumeToken;

    /// <summary>How much is done, 0..1.</summary>
    public double Portion { get; } = portion;
}
