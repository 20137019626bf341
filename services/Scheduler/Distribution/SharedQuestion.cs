using System.Collections.Concurrent;

namespace A2A.Micro.Scheduler.Distribution;

/// <summary>
/// One question at a time for each name. Who comes while one is under way shares the next one, which begins when that has been answered: every answer
/// was given after it was asked for, so nobody is told what was true before, and a thousand who ask at once cost two questions.
/// </summary>
/// <param name="ask">Asks, and gives up by itself when nobody answers.</param>
internal sealed class SharedQuestion<T>(Func<string, CancellationToken, Task<T>> ask)
{
    private readonly ConcurrentDictionary<string, Turns> _names = new(StringComparer.Ordinal);

    /// <summary>The answer; who leaves does not take it from the others.</summary>
    public Task<T> Ask(string name, CancellationToken cancellation) => _names.GetOrAdd(name, static _ => new Turns()).Join(name, ask).WaitAsync(cancellation);

    private sealed class Turns
    {
        private readonly Lock _gate = new();
        private Task<T>? _running;
        private Task<T>? _next;

        public Task<T> Join(string name, Func<string, CancellationToken, Task<T>> ask)
        {
            lock (_gate)
            {
                return _running is { IsCompleted: false } running ? _next ??= After(running, name, ask) : _running = ask(name, CancellationToken.None);
            }
        }

        private async Task<T> After(Task<T> running, string name, Func<string, CancellationToken, Task<T>> ask)
        {
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
            Task<T> mine;
            lock (_gate)
            {
                (_running, _next) = (mine = ask(name, CancellationToken.None), null);
            }

            return await mine.ConfigureAwait(false);
        }
    }
}
