using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Gateway.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

public sealed class GroupedReadsTests
{
    [Fact]
    public async Task Who_asks_while_a_read_is_under_way_is_answered_by_the_next_one()
    {
        var states = new Answers();
        await using var reads = Reads(states);
        var first = reads.Find("a", default);
        await states.Asked;
        var others = Enumerable.Range(0, 20).Select(n => reads.Find("b" + (n % 10), default)).ToArray();

        states.Go.SetResult();

        Assert.Null(await first);
        _ = await Task.WhenAll(others);
        Assert.Equal([1, 10], states.Sizes);
    }

    [Fact]
    public async Task A_StateSync_that_cannot_be_reached_fails_who_shares_the_read_together()
    {
        var states = new Answers { Fails = true };
        await using var reads = Reads(states);
        var first = reads.Find("a", default);
        await states.Asked;
        var others = Enumerable.Range(0, 20).Select(n => reads.Find("b" + n, default)).ToArray();

        states.Go.SetResult();

        foreach (var read in others.Append(first)) { Assert.Equal(ErrorKind.Connection, (await Assert.ThrowsAsync<ProtocolException>(() => read)).Kind); }
        // Not once for each: the first, and those that came meanwhile together.
        Assert.Equal([1, 20], states.Sizes);
    }

    private static GroupedReads Reads(Answers answers) =>
        new(new ServiceCollection().AddSingleton<IStateQueries>(answers).BuildServiceProvider());

    private sealed class Answers : IStateQueries
    {
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => asked.Task;

        public bool Fails { get; init; }

        public List<int> Sizes { get; } = [];

        public async Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation)
        {
            Sizes.Add(taskIds.Count);
            _ = asked.TrySetResult();
            await Go.Task;
            return Fails ? throw new ProtocolException(ErrorKind.Connection, "away") : [];
        }

        public Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation) => Find(taskIds, cancellation);

        public Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
