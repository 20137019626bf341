using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Takes the reports that go to StateSync.</summary>
internal sealed class FakeStates(Neighbours neighbours) : IConsumer<TaskStatusUpdate>
{
    public Task Consume(ConsumeContext<TaskStatusUpdate> context)
    {
        neighbours.Reports.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}
