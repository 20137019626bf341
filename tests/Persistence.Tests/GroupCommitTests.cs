using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Persistence.Tests;

public sealed class GroupCommitTests
{
    [Fact]
    public async Task Whatever_arrives_during_a_commit_forms_the_next_one()
    {
        var sizes = new List<int>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var commits = new GroupCommit<int, int>(async (items, _) =>
        {
            sizes.Add(items.Count);
            entered.TrySetResult();
            await gate.Task;
            return [.. items.Select(item => item * 2)];
        });

        var first = commits.Run(1, CancellationToken.None);
        await entered.Task;
        var others = Enumerable.Range(2, 9).Select(item => commits.Run(item, CancellationToken.None)).ToArray();
        gate.SetResult();

        Assert.Equal(2, await first);
        Assert.Equal(Enumerable.Range(2, 9).Select(item => item * 2), await Task.WhenAll(others));
        Assert.Equal([1, 9], sizes);
    }

    [Fact]
    public async Task A_poison_item_fails_its_own_caller_and_nobody_else()
    {
        await using var commits = new GroupCommit<int, int>((items, _) => items.Contains(13)
            ? throw new InvalidOperationException("poison")
            : Task.FromResult<IReadOnlyList<int>>([.. items]));

        var runs = Enumerable.Range(0, 50).Select(item => commits.Run(item, CancellationToken.None)).ToArray();

        _ = await Assert.ThrowsAsync<InvalidOperationException>(() => runs[13]);
        Assert.Equal(Enumerable.Range(0, 50).Where(item => item != 13), await Task.WhenAll(runs.Where((_, i) => i != 13)));
    }

    [Fact]
    public async Task A_caller_that_leaves_does_not_stop_the_others()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var commits = new GroupCommit<int, int>(async (items, _) =>
        {
            await gate.Task;
            return [.. items];
        });
        using var impatient = new CancellationTokenSource();
        var leaving = commits.Run(1, impatient.Token);
        var staying = commits.Run(2, CancellationToken.None);

        await impatient.CancelAsync();

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        gate.SetResult();
        Assert.Equal(2, await staying);
    }

    [Fact]
    public async Task A_lone_caller_does_its_work_on_its_own_path()
    {
        var trace = new AsyncLocal<string?>();
        string? seen = null;
        await using var commits = new GroupCommit<int, int>((items, _) =>
        {
            seen = trace.Value;
            return Task.FromResult<IReadOnlyList<int>>([.. items]);
        });
        trace.Value = "mine";

        var run = commits.Run(1, CancellationToken.None);

        // Nobody was asked to continue elsewhere: it is done when the call returns.
        Assert.True(run.IsCompletedSuccessfully);
        Assert.Equal((1, "mine"), (await run, seen));
    }

    [Fact]
    public async Task A_failure_that_took_long_fails_at_once_who_waited_for_it()
    {
        var (clock, calls) = (new ManualClock(), 0);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var commits = new GroupCommit<int, int>(
            async (items, _) =>
            {
                if (Interlocked.Increment(ref calls) > 1) { return [.. items]; }
                entered.TrySetResult();
                await gate.Task;
                throw new TimeoutException("away");
            },
            batchMax: 4, failsTogether: e => e is TimeoutException, clock: clock);
        var runs = Enumerable.Range(0, 40).Select(item => commits.Run(item, CancellationToken.None)).ToArray();
        await entered.Task;

        clock.Advance(TimeSpan.FromSeconds(2));
        gate.SetResult();

        foreach (var run in runs) { _ = await Assert.ThrowsAsync<TimeoutException>(() => run.WaitAsync(Eventually.Patience)); }
        Assert.Equal(1, calls);
        Assert.Equal(99, await commits.Run(99, CancellationToken.None));
    }

    [Fact]
    public async Task A_failure_that_showed_at_once_is_no_reason_for_those_behind_it()
    {
        var calls = 0;
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var commits = new GroupCommit<int, int>(
            async (items, _) =>
            {
                if (Interlocked.Increment(ref calls) > 1) { return [.. items]; }
                entered.TrySetResult();
                await gate.Task;
                throw new TimeoutException("once");
            },
            failsTogether: e => e is TimeoutException, clock: new ManualClock());
        var first = commits.Run(1, CancellationToken.None);
        await entered.Task;
        var second = commits.Run(2, CancellationToken.None);

        gate.SetResult();

        _ = await Assert.ThrowsAsync<TimeoutException>(() => first);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task The_next_commit_after_a_crowd_rests_and_is_fuller_and_whoever_is_alone_never_waits()
    {
        var clock = new ManualClock();
        var batches = new List<int>();
        await using var group = new GroupCommit<int, int>(
            (items, _) =>
            {
                batches.Add(items.Sum());
                return Task.FromResult<IReadOnlyList<int>>([.. items]);
            },
            pace: new Pace<int>(TimeSpan.FromSeconds(1), Crowd: 5, static weight => weight), clock: clock);

        // The clock stands still: nobody here waits for it.
        foreach (var alone in (int[])[1, 4, 2]) { _ = await group.Run(alone, CancellationToken.None); }
        _ = await group.Run(5, CancellationToken.None);
        var first = group.Run(1, CancellationToken.None);
        var second = group.Run(2, CancellationToken.None);
        await Eventually.True(() => clock.ArmedTimers == 1, "it rests");
        Assert.Equal([1, 4, 2, 5], batches);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 2), (await first, await second));
        Assert.Equal([1, 4, 2, 5, 3], batches);

        // A crowd long ago is none.
        _ = await group.Run(9, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(1));
        _ = await group.Run(1, CancellationToken.None);
        Assert.Equal([1, 4, 2, 5, 3, 9, 1], batches);
    }

    [Fact]
    public async Task The_end_waits_for_what_is_queued()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var commits = new GroupCommit<int, int>(
            async (items, _) =>
            {
                entered.TrySetResult();
                await gate.Task;
                return [.. items];
            },
            batchMax: 2);
        var runs = Enumerable.Range(0, 9).Select(item => commits.Run(item, CancellationToken.None)).ToArray();
        await entered.Task;

        var end = commits.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        gate.SetResult();
        await end;

        Assert.All(runs, run => Assert.True(run.IsCompleted));
        Assert.Equal(Enumerable.Range(0, 9), await Task.WhenAll(runs));
        _ = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => commits.Run(10, CancellationToken.None));
    }

    [Fact]
    public void Items_of_one_key_never_share_a_commit_and_keep_their_order() =>
        Prop.ForAll(Gen.Choose(0, 4).ListOf().ToArbitrary(), keys =>
        {
            var batches = new List<IReadOnlyList<(int Key, int Place)>>();
            var commits = new GroupCommit<(int Key, int Place), bool>(
                (items, _) =>
                {
                    batches.Add(items);
                    return Task.FromResult<IReadOnlyList<bool>>([.. items.Select(_ => true)]);
                },
                separate: item => item.Key == 0 ? [] : [item.Key]);
            var runs = keys.Select((key, place) => commits.Run((key, place), CancellationToken.None)).ToArray();
            Task.WhenAll(runs).GetAwaiter().GetResult();
            commits.DisposeAsync().AsTask().GetAwaiter().GetResult();
            var together = batches.All(batch => batch.Where(item => item.Key != 0).GroupBy(item => item.Key).All(group => group.Count() == 1));
            var places = batches.SelectMany(batch => batch).GroupBy(item => item.Key).All(group =>
                group.Select(item => item.Place).SequenceEqual(group.Select(item => item.Place).Order()));
            return together && places && batches.Sum(batch => batch.Count) == keys.Count;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
}
