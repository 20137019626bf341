using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Payloads;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Persistence.Outbox;
using Npgsql;

namespace A2A.Micro.Gateway.Tests;

public sealed class InMemorySubmissionStoreTests : SubmissionStoreSuite
{
    private readonly ManualClock _clock = new();
    private readonly CollectingOutbox _outbox = new();
    private readonly InMemorySubmissionStore _store;

    public InMemorySubmissionStoreTests() => _store = new InMemorySubmissionStore(_outbox, new InMemoryPayloadStore(_clock), _clock);

    protected override ISubmissionStore Store => _store;

    protected override Task<IReadOnlyList<string>> Sent(int atLeast) => Task.FromResult<IReadOnlyList<string>>(
        [.. _outbox.Messages.Select(message => ((SubmitTask)message.Message).TaskId)]);

    protected override Task AgeKeys()
    {
        _clock.Advance(TimeSpan.FromHours(24));
        return Task.CompletedTask;
    }

    private sealed class CollectingOutbox : IOutbox<GatewayDb>
    {
        public List<Outgoing> Messages { get; } = [];

        public long Pending => 0;

        public NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages) => throw new InvalidOperationException("there is no table");

        public ValueTask Committed(IReadOnlyCollection<Outgoing> messages, CancellationToken cancellation)
        {
            lock (Messages) { Messages.AddRange(messages); }
            return ValueTask.CompletedTask;
        }
    }
}
