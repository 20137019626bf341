using A2A.Micro.Contracts.Resources;
using MassTransit;

namespace A2A.Micro.Gateway.Tests;

internal sealed class FakeViews(Neighbours neighbours) : IConsumer<ExplainWait>, IConsumer<ListResources>, IConsumer<ReadLine>,
    IConsumer<PlanRoom>, IConsumer<ReadQuota>, IConsumer<ListDenials>, IConsumer<SubmissionsRefused>
{
    public Task Consume(ConsumeContext<ListDenials> context) => context.RespondAsync(new DenialHistory
    {
        Since = DateTimeOffset.UnixEpoch,
        At = DateTimeOffset.UnixEpoch.AddHours(context.Message.Hours),
        Dimensions = [new DenialTotal { Dimension = "memory_gb", Count = 3 }],
        Denials = [],
    });

    public Task Consume(ConsumeContext<SubmissionsRefused> context)
    {
        neighbours.Refused.Enqueue(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<ReadQuota> context) => context.RespondAsync(new RequesterQuota
    {
        RequesterId = context.Message.RequesterId,
        At = DateTimeOffset.UnixEpoch,
        Weight = 2,
        Borrowing = true,
        DominantShare = 0.25,
        Resources = [new QuotaKind { Kind = "slot", Used = 1, Limit = 4 }],
    });

    public Task Consume(ConsumeContext<PlanRoom> context)
    {
        neighbours.Plans.Enqueue(context.Message);
        return context.RespondAsync(neighbours.OnPlan(context.Message));
    }

    public async Task Consume(ConsumeContext<ExplainWait> context)
    {
        neighbours.Explains.Enqueue(context.Message);
        if (neighbours.OnExplain(context.Message) is { } answer) { await context.RespondAsync(answer); }
    }

    public Task Consume(ConsumeContext<ListResources> context) => context.RespondAsync(new ResourceList
    {
        At = DateTimeOffset.UnixEpoch,
        Totals = [new ResourceKind { Kind = "gpu", Capacity = 2, Used = 1, Free = 1 }],
        Agents = [],
    });

    public Task Consume(ConsumeContext<ReadLine> context) => context.RespondAsync(neighbours.OnLine(context.Message));
}
