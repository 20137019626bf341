namespace A2A.Micro.Persistence.Outbox;

/// <summary>
/// Keeps messages that nobody waits for until one leaves for the same place that somebody does wait for, or for a moment: steps of a task that its end
/// follows within milliseconds travel with it, and are a message, a commit and an announcement less for each. What waits here lies in the outbox
/// already, and goes before what it waited for.
/// </summary>
/// <param name="most">Longest that a message waits.</param>
/// <param name="leave">Sends those on their way for whom nothing came.</param>
internal sealed class Leisure(TimeSpan most, Action<IReadOnlyList<Outgoing>> leave)
{
    // A bulk of that many is as good as a larger one.
    private const int HeldMax = 200;

    private readonly Lock _gate = new();
    private readonly Dictionary<Uri, List<Outgoing>> _held = [];

    /// <summary>What leaves now that this message has been committed, in order; null when it waits.</summary>
    public IReadOnlyList<Outgoing>? Join(Outgoing message)
    {
        if (message.Destination is not { } destination) { return [message]; }
        lock (_gate)
        {
            var isFirst = !_held.TryGetValue(destination, out var held);
            if (isFirst && !message.MayWait) { return [message]; }
            held ??= _held[destination] = [];
            held.Add(message);
            if (message.MayWait && held.Count < HeldMax)
            {
                if (isFirst) { _ = LeaveLater(destination, held); }
                return null;
            }

            _ = _held.Remove(destination);
            return held;
        }
    }

    // The system's clock: this spaces messages, it decides nothing.
    private async Task LeaveLater(Uri destination, List<Outgoing> held)
    {
        await Task.Delay(most, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_held.TryGetValue(destination, out var now) || !ReferenceEquals(now, held)) { return; }
            _ = _held.Remove(destination);
        }

        leave(held);
    }
}
