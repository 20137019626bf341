using System.Diagnostics;

namespace A2A.Micro.Testing;

/// <summary>
/// Waits for something that another thread or process will bring about. It looks again and again, never sleeps a fixed time and
/// hopes, and when the deadline passes it says what was last seen: a timeout alone is missing evidence, not a cause.
/// </summary>
public static class Eventually
{
    /// <summary>How long is waited when the caller does not say: generous, because it is only ever used up by a failure.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the condition holds.</summary>
    /// <param name="condition">Looked at repeatedly.</param>
    /// <param name="what">What is waited for, as the end of "never came true: ...".</param>
    /// <param name="lastSeen">What the failure shows as last seen.</param>
    /// <param name="within">The deadline; <see cref="Patience"/> when not given.</param>
    public static Task True(
        Func<bool> condition, string what, Func<string>? lastSeen = null, TimeSpan? within = null) =>
        Seen(
            _ => Task.FromResult((Holds: condition(), Text: lastSeen?.Invoke() ?? "the condition was false")),
            seen => seen.Holds,
            what,
            seen => seen.Text,
            within);

    /// <summary>Reads until the value is as wanted, and returns it.</summary>
    /// <param name="read">One look; an exception counts as "not yet" and is what the failure shows, should nothing better be seen.</param>
    /// <param name="until">Whether the value is the one that is waited for.</param>
    /// <param name="what">What is waited for, as the end of "never came true: ...".</param>
    /// <param name="show">The value as text for the failure; its own <c>ToString</c> when not given.</param>
    /// <param name="within">The deadline; <see cref="Patience"/> when not given.</param>
    /// <exception cref="EventuallyException">The deadline passed.</exception>
    public static async Task<T> Seen<T>(
        Func<CancellationToken, Task<T>> read,
        Func<T, bool> until,
        string what,
        Func<T, string>? show = null,
        TimeSpan? within = null)
    {
        var patience = within ?? Patience;
        using var deadline = new CancellationTokenSource(patience);
        var watch = Stopwatch.StartNew();
        var lastSeen = "nothing: the first look did not return";
        Exception? lastError = null;
        for (var (pause, looks) = (FirstPause, 1); ; looks++)
        {
            try
            {
                var value = await read(deadline.Token).WaitAsync(deadline.Token);
                if (until(value))
                {
                    return value;
                }

                (lastSeen, lastError) = (show?.Invoke(value) ?? value?.ToString() ?? "null", null);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                // Keeps what the look before this one saw.
            }
            catch (Exception error) when (error is not EventuallyException)
            {
                (lastSeen, lastError) = ($"{error.GetType().Name}: {error.Message}", error);
            }

            if (watch.Elapsed >= patience || deadline.IsCancellationRequested)
            {
                throw new EventuallyException(
                    $"Within {patience.TotalSeconds:0.#} s and {looks} looks it never came true: {what}. Last seen: {lastSeen}",
                    lastError);
            }

            await Task.Delay(pause, TimeProvider.System, CancellationToken.None);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
