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
                separate: item => item.Key == 0 ? null : item.Key);
            var runs = keys.Select((key, place) => commits.Run((key, place), CancellationToken.None)).ToArray();
            Task.WhenAll(runs).GetAwaiter().GetResult();
            commits.DisposeAsync().AsTask().GetAwaiter().GetResult();
            var together = batches.All(batch => batch.Where(item => item.Key != 0).GroupBy(item => item.Key).All(group => group.Count() == 1));
            var places = batches.SelectMany(batch => batch).GroupBy(item => item.Key).All(group =>
                group.Select(item => item.Place).SequenceEqual(group.Select(item => item.Place).Order()));
            return together && places && batches.Sum(batch => batch.Count) == keys.Count;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
}
