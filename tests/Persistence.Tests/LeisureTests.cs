using System.Collections.Concurrent;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Persistence.Tests;

/// <summary>What nobody waits for travels with what somebody waits for, and never longer than a moment after it.</summary>
public sealed class LeisureTests
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private readonly ConcurrentQueue<IReadOnlyList<Outgoing>> _left = new();

    [Fact]
    public void What_waits_leaves_with_the_next_message_for_the_same_place_and_before_it()
    {
        var leisure = new Leisure(Never, _left.Enqueue);
        var (queued, offered, ended, other) = (To("states", mayWait: true), To("states", mayWait: true), To("states"), To("elsewhere"));

        Assert.Null(leisure.Join(queued));
        Assert.Null(leisure.Join(offered));
        Assert.Equal([other], leisure.Join(other));
        Assert.Equal([queued, offered, ended], leisure.Join(ended));
        Assert.Equal([ended], leisure.Join(ended));
        Assert.Empty(_left);
    }

    [Fact]
    public async Task Where_nothing_comes_it_leaves_by_itself()
    {
        var leisure = new Leisure(TimeSpan.FromMilliseconds(5), _left.Enqueue);
        var (one, two) = (To("states", mayWait: true), To("other-states", mayWait: true));
        Assert.Null(leisure.Join(one));
        Assert.Null(leisure.Join(two));

        await Eventually.True(() => _left.Count == 2, "both have left");
        Assert.Equal([[one], [two]], _left.OrderBy(parcel => parcel[0] == two));
        var ended = To("states");
        Assert.Equal([ended], leisure.Join(ended));
    }

    [Fact]
    public void A_crowd_leaves_as_soon_as_it_is_one()
    {
        var leisure = new Leisure(Never, _left.Enqueue);
        var sizes = Enumerable.Range(0, 450)
            .Select(_ => leisure.Join(To("states", mayWait: true))).OfType<IReadOnlyList<Outgoing>>().Select(parcel => parcel.Count);

        Assert.Equal([200, 200], sizes);
    }

    [Fact]
    public async Task Whoever_says_it_at_once_loses_nothing_and_says_nothing_twice()
    {
        var leisure = new Leisure(TimeSpan.FromMilliseconds(1), _left.Enqueue);
        var all = Enumerable.Range(0, 4_000).Select(n => To($"states-{n % 3}", mayWait: n % 7 > 0)).ToArray();
        Parallel.ForEach(all, message => { if (leisure.Join(message) is { } parcel) { _left.Enqueue(parcel); } });

        await Eventually.True(() => _left.Sum(parcel => parcel.Count) >= all.Length, "all have left");
        Assert.Equal(all.Select(message => message.Id).Order(), _left.SelectMany(parcel => parcel).Select(message => message.Id).Order());
        Assert.All(_left, parcel => Assert.Single(parcel.Select(message => message.Destination).Distinct()));
    }

    private static Outgoing To(string endpoint, bool mayWait = false) =>
        Outgoing.Command(endpoint, new object(), TimeProvider.System) with { MayWait = mayWait };
}
