using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using MassTransit;

namespace A2A.Micro.Confluence.Tests;

/// <summary>
/// Delivers everything, but two to five times, in any order within a window, and some of it late. As with a broker, a send has succeeded when
/// the message is taken; its way from there is this lane's affair.
/// </summary>
/// <remarks>
/// What comes a second time is said again by whoever handles it, under the same id: that goes on once. Multiplied anew at every hop, a word at the
/// end of a chain of ten would come a million times, which no broker does.
/// </remarks>
internal sealed class TreacherousLane : ILane, IAsyncDisposable
{
    private const int Window = 20;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(5);

    private readonly Lock gate = new();
    private readonly List<Outgoing> held = [];
    private readonly List<(int Turn, Outgoing Message)> late = [];
    private readonly HashSet<Guid> said = [];
    private readonly Random chance;
    private readonly DirectLane way;
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private int turn;

    public TreacherousLane(IBus bus, Chaos chaos)
    {
        (way, chance, LongestDelay) = (new DirectLane(bus), new Random(chaos.Seed), chaos.LongestDelay);
        running = Run();
    }

    /// <summary>Whether everything has been delivered as often as it shall be.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (gate) { return held.Count == 0 && late.Count == 0; }
        }
    }

    private TimeSpan LongestDelay { get; }

    public Task Send(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        lock (gate)
        {
            foreach (var message in messages)
            {
                // What expires is asked by somebody who waits: it may come twice, but not late.
                var mayBeLate = message.TimeToLive is null || message.IsPassing;
                var isLate = mayBeLate && chance.Next(10) == 0;
                var copies = said.Add(message.Id) ? chance.Next(2, 6) : 1;
                for (var copy = 0; copy < copies; copy++)
                {
                    if (isLate || (mayBeLate && chance.Next(10) == 0))
                    {
                        late.Add((turn + chance.Next((int)(LongestDelay / Turn)), message));
                    }
                    else
                    {
                        held.Add(message);
                    }
                }
            }
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task Run()
    {
        using var timer = new PeriodicTimer(Turn, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stop.Token))
        {
            foreach (var message in Next()) { await way.Send([message], stop.Token); }
        }
    }

    // Everything beyond the window leaves, and of the window a random part, so that nothing rests for ever.
    private List<Outgoing> Next()
    {
        lock (gate)
        {
            turn++;
            held.AddRange(late.Where(one => one.Turn <= turn).Select(one => one.Message));
            _ = late.RemoveAll(one => one.Turn <= turn);
            var leaving = new List<Outgoing>();
            for (var count = Math.Max(held.Count - Window, Math.Min(held.Count, chance.Next(1, Window + 1))); count > 0; count--)
            {
                var place = chance.Next(Math.Min(held.Count, Window));
                leaving.Add(held[place]);
                held.RemoveAt(place);
            }

            return leaving;
        }
    }
}

/// <summary>How messages travel in one run.</summary>
/// <param name="Seed">Of all chance.</param>
/// <param name="LongestDelay">Of the tenth that is late.</param>
internal sealed record Chaos(int Seed, TimeSpan LongestDelay);
