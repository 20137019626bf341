using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Ledger;
using MassTransit;

namespace A2A.Micro.ResourceManager.Agents;

/// <summary>
/// What agents say about themselves, and who asks about them. Idempotent by (agent, incarnation): the pool ignores what an older
/// incarnation says, and hearing the same twice changes nothing.
/// </summary>
public sealed class AgentConsumer(IPool pool, ISealingKeys keys) :
    IConsumer<AnnounceAgent>,
    IConsumer<AgentHeartbeat>,
    IConsumer<AgentDraining>,
    IConsumer<AgentLeft>,
    IConsumer<SteerAgent>,
    IConsumer<ListAgents>,
    IConsumer<ListTaskTypes>,
    IConsumer<TellSealingKey>
{
    /// <summary>I exist, this is what I can do.</summary>
    public async Task Consume(ConsumeContext<AnnounceAgent> context)
    {
        var said = context.Message;
        var announcement = Announcements.Read(said);
        // Before the agent gets work: whoever asks after a grant finds the key of the start that got it.
        await keys.Keep(said.AgentId, said.Incarnation, said.SealingKey, context.CancellationToken).ConfigureAwait(false);
        await pool.Announce(announcement, context.CancellationToken).ConfigureAwait(false);
        await context.Publish(new TaskTypesChanged { AgentId = context.Message.AgentId }, context.CancellationToken).ConfigureAwait(false);
    }

    /// <summary>I am alive; one that is not registered is asked to announce itself.</summary>
    public async Task Consume(ConsumeContext<AgentHeartbeat> context)
    {
        var beat = context.Message;
        var running = beat.Running?.Select(one => new AttemptKey(one.TaskId, one.Attempt)).ToList();
        if (await pool.Heartbeat(beat.AgentId, beat.Incarnation, running, context.CancellationToken).ConfigureAwait(false)) { return; }

        await context.Send(Endpoints.Address(Endpoints.AgentControl(beat.AgentId)),
            new AgentUnknown { AgentId = beat.AgentId })
            .ConfigureAwait(false);
    }

    /// <summary>No further offers.</summary>
    public Task Consume(ConsumeContext<AgentDraining> context) =>
        pool.Drain(context.Message.AgentId, context.Message.Incarnation, context.CancellationToken);

    /// <summary>I end in good order.</summary>
    public Task Consume(ConsumeContext<AgentLeft> context) =>
        pool.Leave(context.Message.AgentId, context.Message.Incarnation, context.CancellationToken);

    /// <summary>An operator's word. A repeat finds what it wants done; a word that is not known changes nothing.</summary>
    public async Task Consume(ConsumeContext<SteerAgent> context)
    {
        var said = context.Message;
        var known = said.Action != SteerAction.Unknown
            && await pool.Steer(said.AgentId, said.Action, said.Reason, context.CancellationToken).ConfigureAwait(false);
        var all = known ? await pool.Agents(context.CancellationToken).ConfigureAwait(false) : [];
        await context.RespondAsync(new AgentSteered { Agent = all.FirstOrDefault(agent => agent.AgentId == said.AgentId) }).ConfigureAwait(false);
    }

    /// <summary>What can be done?</summary>
    public async Task Consume(ConsumeContext<ListTaskTypes> context) => await context.RespondAsync(
        TypeDirectory.Of(await pool.Announced(context.CancellationToken).ConfigureAwait(false))).ConfigureAwait(false);

    /// <summary>How can this agent be told secrets?</summary>
    public async Task Consume(ConsumeContext<TellSealingKey> context) => await context.RespondAsync(new SealingKeyTold
    {
        SealingKey = await keys.Find(context.Message.AgentId, context.CancellationToken).ConfigureAwait(false),
    }).ConfigureAwait(false);

    /// <summary>Who is there?</summary>
    public async Task Consume(ConsumeContext<ListAgents> context) => await context.RespondAsync(new AgentList
    {
        Agents = await pool.Agents(context.CancellationToken).ConfigureAwait(false),
    }).ConfigureAwait(false);
}
