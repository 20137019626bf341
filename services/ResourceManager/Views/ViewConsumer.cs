using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Allocations;
using A2A.Micro.ResourceManager.Ledger;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>
/// Questions about room, which change nothing, so that a repeat gets the answer of its own moment; and what others denied, which is counted.
/// </summary>
public sealed class ViewConsumer(IPool pool, IOptions<ResourceManagerOptions> options) :
    IConsumer<ExplainWait>,
    IConsumer<PlanRoom>,
    IConsumer<FindAgents>,
    IConsumer<ListResources>,
    IConsumer<ListDenials>,
    IConsumer<SubmissionsRefused>,
    IConsumer<ReadLine>,
    IConsumer<ReadQuota>
{
    private const int RunTimesMax = 64;
    private const int HoursMax = 720;

    /// <summary>Why does it wait?</summary>
    public async Task Consume(ConsumeContext<ExplainWait> context)
    {
        var seen = await pool.Look(context.Message.TaskId, context.CancellationToken).ConfigureAwait(false);
        await context.RespondAsync(new WaitExplained
        {
            Explanation = seen is null
                ? null
                : WaitExplainer.Of(seen, context.Message.RunTimes.Take(RunTimesMax), options.Value.KnownFor),
        }).ConfigureAwait(false);
    }

    /// <summary>What would become of it?</summary>
    public async Task Consume(ConsumeContext<PlanRoom> context)
    {
        var claim = AllocationSteps.ToClaim(context.Message.Room, options.Value.AgingStep);
        var seen = await pool.Look(claim, context.CancellationToken).ConfigureAwait(false);
        await context.RespondAsync(RoomPlanner.Of(seen, context.Message.RunTimes.Take(RunTimesMax), options.Value.KnownFor)).ConfigureAwait(false);
    }

    /// <summary>Who could do it? Answered to the task, which may ask again.</summary>
    public async Task Consume(ConsumeContext<FindAgents> context)
    {
        var claim = AllocationSteps.ToClaim(context.Message.Room, options.Value.AgingStep);
        var seen = await pool.Look(context.CancellationToken).ConfigureAwait(false);
        await context.Send(
            Endpoints.Address(Endpoints.Tasks),
            AgentSearch.Of(claim, seen, context.Message.Most, options.Value.KnownFor)).ConfigureAwait(false);
    }

    /// <summary>Who holds what?</summary>
    public async Task Consume(ConsumeContext<ListResources> context) => await context.RespondAsync(ResourceMatrix.Of(
        await pool.Look(context.CancellationToken).ConfigureAwait(false), options.Value.Lease)).ConfigureAwait(false);

    /// <summary>What was missing?</summary>
    public async Task Consume(ConsumeContext<ListDenials> context) => await context.RespondAsync(
        await pool.Denials(Math.Clamp(context.Message.Hours, 1, HoursMax), context.CancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>What was denied at the door?</summary>
    public Task Consume(ConsumeContext<SubmissionsRefused> context) => context.Message.Count < 1
        ? throw new ProtocolException(ErrorKind.Validation, "count: at least 1")
        : pool.NoteRefusals(context.Message, context.CancellationToken);

    /// <summary>What has a requester, and what may it have?</summary>
    public async Task Consume(ConsumeContext<ReadQuota> context) => await context.RespondAsync(QuotaView.Of(
        context.Message.RequesterId, await pool.Look(context.CancellationToken).ConfigureAwait(false))).ConfigureAwait(false);

    /// <summary>Who waits?</summary>
    public async Task Consume(ConsumeContext<ReadLine> context)
    {
        var question = context.Message;
        var after = question.After is { } place ? LineView.Key(place) : (LineKey?)null;
        var piece = await pool.Line(after, Math.Clamp(question.Limit, 1, LineView.LimitMax), context.CancellationToken).ConfigureAwait(false);
        await context.RespondAsync(LineView.Of(piece, options.Value.KnownFor)).ConfigureAwait(false);
    }
}
