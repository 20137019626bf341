using A2A.Micro.Contracts.States;

namespace A2A.Micro.StateSync.Shared;

/// <summary>Where what agents share is kept. Both implementations decide by <see cref="SharedRules"/>.</summary>
public interface ISharedStore
{
    /// <summary>Makes a sound update, or says what stands against it or against who wants it.</summary>
    Task<StateUpdated> Update(UpdateState update, CancellationToken cancellation);

    /// <summary>The values of a task by name, or the one that was asked for; none that was taken away.</summary>
    Task<StateRead> Read(ReadState question, CancellationToken cancellation);

    /// <summary>Drops the values of tasks that are not known any more and were last changed before this time: at most so many. How many.</summary>
    Task<int> DropOrphans(DateTimeOffset before, int limit, CancellationToken cancellation);
}
