using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Who of those that wait in a circle is the one that closed it.</summary>
public sealed class CycleSearchTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task The_youngest_of_a_cycle_finds_it_and_nobody_else(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var size = random.Next(2, 8);
            // Younger by number; some were stamped within the same millisecond.
            var edges = Enumerable.Range(0, size)
                .Select(i => Enumerable.Range(0, size).Where(j => j != i && random.Next(4) == 0).ToArray()).ToArray();
            var (store, sagas) = await Blocked(edges, random.Next(1, 4));
            var search = new CycleSearch(store, TimeProvider.System);
            for (var i = 0; i < size; i++)
            {
                var found = await search.Find(sagas[i], CancellationToken.None);
                Assert.Equal(ReachesItself(edges, i), found is not null);
                if (found is null) { continue; }
                Assert.Equal(($"t{i}", $"t{i}"), (found[0], found[^1]));
                Assert.All(found.Zip(found.Skip(1)), step => Assert.Contains(int.Parse(step.Second[1..]), edges[int.Parse(step.First[1..])]));
            }
        }
    }

    [Fact]
    public async Task A_task_that_waits_no_more_is_no_part_of_a_cycle()
    {
        var (store, sagas) = await Blocked([[1], [0]], 1);
        var search = new CycleSearch(store, TimeProvider.System);
        Assert.NotNull(await search.Find(sagas[1], CancellationToken.None));
        sagas[0].State = "cancelled";
        await Put(store, sagas[0]);

        Assert.Null(await search.Find(sagas[1], CancellationToken.None));
    }

    // A walk over tasks that are older, as plain numbers.
    private static bool ReachesItself(int[][] edges, int task)
    {
        var (seen, next) = (new HashSet<int>(), new Stack<int>(edges[task]));
        while (next.TryPop(out var here))
        {
            if (here == task) { return true; }
            if (here > task || !seen.Add(here)) { continue; }
            foreach (var on in edges[here]) { next.Push(on); }
        }

        return false;
    }

    private static async Task<(InMemorySagaStore<TaskSaga> Store, TaskSaga[] Sagas)> Blocked(int[][] edges, int perMillisecond)
    {
        var store = new InMemorySagaStore<TaskSaga>(TimeProvider.System);
        var sagas = edges.Select((on, i) => new TaskSaga
        {
            CorrelationId = TaskKey.Of($"t{i}"),
            TaskId = $"t{i}",
            State = "blocked",
            CreatedAt = Noon.AddMilliseconds(i / perMillisecond),
            Task = new SubmitTask { TaskId = $"t{i}", Dependencies = [.. on.Select(j => new Dependency { TaskId = $"t{j}" })] },
            Watchers = [.. Enumerable.Range(0, edges.Length).Where(j => edges[j].Contains(i))
                .Select(j => new Watcher { DependentId = $"t{j}", Since = Noon.AddMilliseconds(j / perMillisecond) })],
        }).ToArray();
        foreach (var saga in sagas) { await Put(store, saga); }
        return (store, sagas);
    }

    private static async Task Put(InMemorySagaStore<TaskSaga> store, TaskSaga saga)
    {
        Assert.True(await store.Commit(new UnitOfWork<TaskSaga>(Guid.CreateVersion7(Noon)) { Saga = saga, Changed = true }, CancellationToken.None));
        saga.Version++;
    }
}
