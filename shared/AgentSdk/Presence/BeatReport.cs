using A2A.Micro.Contracts.Agents;

namespace A2A.Micro.AgentSdk.Presence;

/// <summary>
/// Whether a heartbeat says what the agent works on: when it is another work than was said last, and every few beats anyway, so that a lost
/// message and a ResourceManager that has just started are made up for.
/// </summary>
internal sealed class BeatReport
{
    private const int SilentMax = 2;

    private long incarnation;
    private HashSet<RunningAttempt>? said;
    private int silent;

    /// <summary>Whether the next beat says it.</summary>
    public bool Has(long speaker, IReadOnlyList<RunningAttempt> running) =>
        said is null || speaker != incarnation || silent >= SilentMax || !said.SetEquals(running);

    /// <summary>A beat is on its way.</summary>
    public void Sent(long speaker, IReadOnlyList<RunningAttempt> running, bool withReport)
    {
        silent = withReport ? 0 : silent + 1;
        if (withReport) { (incarnation, said) = (speaker, [.. running]); }
    }

    /// <summary>The next beat says it, whatever was said before.</summary>
    public void Forget() => said = null;
}
