using A2A.Micro.Contracts.States;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Statistics;

namespace A2A.Micro.StateSync.Tests;

public sealed class InMemoryStateStoreTests : StateStoreSuite
{
    private readonly InMemoryStateStore _store;

    public InMemoryStateStoreTests() => _store = new InMemoryStateStore(Clock);

    private protected override IStateStore Store => _store;

    private protected override IStateQueries Queries => _store;

    private protected override ITypeStatistics Statistics => new InMemoryTypeStatistics(_store);

    private protected override ISystemStatistics Totals => new InMemorySystemStatistics(_store, Clock);
}
