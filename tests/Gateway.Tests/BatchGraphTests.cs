using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Batches;

namespace A2A.Micro.Gateway.Tests;

/// <summary>The graph inside a batch.</summary>
public sealed class BatchGraphTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void A_graph_is_refused_exactly_when_it_has_a_cycle_and_is_ordered_otherwise(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 400; round++)
        {
            var size = random.Next(1, 9);
            var edges = Enumerable.Range(0, size)
                .Select(i => Enumerable.Range(0, size).Where(j => j != i && random.Next(4) == 0).ToArray()).ToArray();
            var judged = BatchGraph.Check(Items(edges));
            // Whoever can reach itself, or somebody who can, is refused; the others are not.
            var circling = Enumerable.Range(0, size).Where(i => Reach(edges, i).Contains(i)).ToHashSet();
            Assert.All(judged, item =>
                Assert.Equal(circling.Contains(item.Index) || Reach(edges, item.Index).Overlaps(circling), item.Task is null));
            var order = BatchGraph.DependenciesFirst(judged).Select(item => item.Index).ToList();
            Assert.Equal(judged.Count(item => item.Task is not null), order.Count);
            Assert.All(order, i => Assert.All(edges[i], on => Assert.True(order.IndexOf(on) < order.IndexOf(i))));
        }
    }

    [Fact]
    public void A_long_chain_handed_in_backwards_is_put_in_order()
    {
        var edges = Enumerable.Range(0, 1000).Select(i => i < 999 ? new[] { i + 1 } : []).ToArray();
        Assert.Equal(Enumerable.Range(0, 1000).Reverse(), BatchGraph.DependenciesFirst(BatchGraph.Check(Items(edges))).Select(item => item.Index));
    }

    private static BatchItem[] Items(int[][] edges) => [.. edges.Select((on, i) => new BatchItem
    {
        Index = i,
        Body = JsonElement.Parse("{}"),
        TaskId = $"t{i}",
        Task = new SubmitTask { TaskId = $"t{i}", Dependencies = [.. on.Select(j => new Dependency { TaskId = $"t{j}" })] },
    })];

    private static HashSet<int> Reach(int[][] edges, int from)
    {
        var (seen, next) = (new HashSet<int>(), new Stack<int>(edges[from]));
        while (next.TryPop(out var here))
        {
            if (seen.Add(here)) { foreach (var on in edges[here]) { next.Push(on); } }
        }

        return seen;
    }
}
