using A2A.Micro.Contracts.Agents;
using MassTransit;

namespace A2A.Micro.Gateway.TaskTypes;

/// <summary>Hears that an agent has announced itself, on a queue of this process alone that ends with it. Hearing it twice asks twice.</summary>
public sealed class TypesChangedConsumer(TypeDirectory types) : IConsumer<TaskTypesChanged>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<TaskTypesChanged> context)
    {
        types.Hint();
        return Task.CompletedTask;
    }
}
