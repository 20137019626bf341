using MassTransit;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>A consumer that can take many messages of one kind at once, where a message alone is little work beside its way through the pipeline.</summary>
public interface IBulkConsumer<T> : IConsumer<T> where T : class
{
    /// <summary>
    /// Takes all of them. When it throws, some may have been taken: each is then given to <see cref="IConsumer{T}.Consume"/> alone, where
    /// the one that is to blame is retried and parked.
    /// </summary>
    Task Consume(IReadOnlyList<Received<T>> messages, CancellationToken cancellation);
}

/// <summary>A message of a bulk.</summary>
/// <param name="Message">The message.</param>
/// <param name="TraceParent">W3C trace context of the work that caused it.</param>
public readonly record struct Received<T>(T Message, string? TraceParent) where T : class;
