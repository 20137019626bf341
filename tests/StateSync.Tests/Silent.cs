using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Remembers what was to be announced.</summary>
internal sealed class Silent : IStateAnnouncer
{
    public List<(string TaskId, long Version)> Said { get; } = [];

    public Task Announce(IReadOnlyList<(string TaskId, StateAnswer Answer)> answers, CancellationToken cancellation)
    {
        Said.AddRange(answers.SelectMany(one => one.Answer.Announcements).Select(changed => (changed.TaskId, changed.Version)));
        return Task.CompletedTask;
    }
}
