using System.Collections.Concurrent;
using A2A.Micro.Contracts.States;
using MassTransit;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Compare and set as StateSync does it, without its memory of more than one update.</summary>
internal sealed class FakeShared(FakeShared.Values values) : IConsumer<UpdateState>, IConsumer<ReadState>
{
    public Task Consume(ConsumeContext<UpdateState> context)
    {
        var update = context.Message;
        lock (values)
        {
            var (id, known) = values.GetValueOrDefault((update.TaskId, update.Name));
            known ??= new SharedState { TaskId = update.TaskId, Name = update.Name, Version = 0 };
            var applies = id != update.UpdateId && (update.ExpectedVersion ?? known.Version) == known.Version;
            if (applies)
            {
                known = known with { Version = known.Version + 1, Value = update.Value, UpdatedAt = DateTimeOffset.UnixEpoch };
                values[(update.TaskId, update.Name)] = (update.UpdateId, known);
            }

            return context.RespondAsync(new StateUpdated { Applied = applies || id == update.UpdateId, State = known });
        }
    }

    public Task Consume(ConsumeContext<ReadState> context) => context.RespondAsync(new StateRead
    {
        States =
        [
            .. values.Where(pair => pair.Key.TaskId == context.Message.TaskId && (context.Message.Name ?? pair.Key.Name) == pair.Key.Name)
                .Select(pair => pair.Value.State),
        ],
    });

    public sealed class Values : ConcurrentDictionary<(string TaskId, string Name), (Guid UpdateId, SharedState State)>;
}
