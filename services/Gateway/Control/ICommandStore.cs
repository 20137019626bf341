namespace A2A.Micro.Gateway.Control;

/// <summary>
/// Where control commands are kept. Two implementations, held to one behaviour by the conformance suite. The record is here and not with the
/// Scheduler because the 202 is: it must stand when the broker is away, when this process ends, and on every other instance.
/// </summary>
public interface ICommandStore
{
    /// <summary>Commands and what goes out with them in one transaction, all or none; returns after the commit. The first one of an id counts.</summary>
    Task<IReadOnlyList<CommandReceipt>> Accept(IReadOnlyList<NewCommand> commands, CancellationToken cancellation);

    /// <summary>The command; null when nobody gave it.</summary>
    Task<CommandRow?> Find(string commandId, CancellationToken cancellation);

    /// <summary>The commands of a task, the oldest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<CommandRow>> OfTask(string taskId, int limit, CancellationToken cancellation);

    /// <summary>The commands of a bulk, in the order of their ids.</summary>
    Task<IReadOnlyList<CommandRow>> OfBulk(string bulkId, CancellationToken cancellation);

    /// <summary>Writes an answer down, also one to a command that was not given here; the row afterwards.</summary>
    Task<CommandRow> Answer(CommandRow answer, CancellationToken cancellation);

    /// <summary>Takes unanswered commands whose time to be sent again has come, and moves that time on.</summary>
    Task<IReadOnlyList<CommandRow>> TakeUnanswered(int limit, CancellationToken cancellation);

    /// <summary>Deletes answered commands that are older than this; returns how many.</summary>
    Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation);
}
