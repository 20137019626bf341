namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// Names of the queues, one per consumer of the system. Commands are sent to the exchange of the same name: a sender that
/// used a <c>queue:</c> address would declare a classic queue and clash with the quorum queue of its owner.
/// </summary>
public static class Endpoints
{
    /// <summary>TaskStateMachine: submissions, agents' answers and results, resource answers, control commands.</summary>
    public const string Tasks = "scheduler.tasks";

    /// <summary>Steps of tasks that StateSync lacks and asks for.</summary>
    public const string Repairs = "scheduler.repairs";

    /// <summary>AllocationStateMachine: allocate and release.</summary>
    public const string Allocations = "resource-manager.allocations";

    /// <summary>Announcements, heartbeats, departures, and questions about agents.</summary>
    public const string Agents = "resource-manager.agents";

    /// <summary>Questions about room: why a task waits, who holds what, the line. No heartbeat waits behind one of them.</summary>
    public const string Resources = "resource-manager.resources";

    /// <summary>Transitions of tasks on their way to the public document.</summary>
    public const string Transitions = "state-sync.transitions";

    /// <summary>Progress and partial results from agents.</summary>
    public const string Status = "state-sync.status";

    /// <summary>Questions of other services about tasks.</summary>
    public const string States = "state-sync.questions";

    /// <summary>What agents share: updates and questions.</summary>
    public const string SharedState = "state-sync.shared";

    /// <summary>What became of control commands, on its way to the Gateways' record of them.</summary>
    public const string Commands = "gateway.commands";

    /// <summary>Requests in an envelope, to be answered.</summary>
    public const string Requests = "gateway.requests";

    /// <summary>Parameters and results that are too large for a message, part by part.</summary>
    public const string Payloads = "gateway.payloads";

    /// <summary>Task events on their way to webhooks.</summary>
    public const string Webhooks = "gateway.webhooks";

    /// <summary>What services have decided by themselves, on its way into the audit.</summary>
    public const string Audit = "gateway.audit";

    /// <summary>Offers to one agent.</summary>
    public static string Agent(string agentId) => "agent." + agentId;

    /// <summary>Control commands to one agent; apart from offers, so that a full line of offers never delays a cancel.</summary>
    public static string AgentControl(string agentId) => "agent." + agentId + ".control";

    /// <summary>Whether this is the queue of a part of the system; every one of them exists once its owner has started.</summary>
    public static bool IsOurs(string endpoint) => endpoint is Tasks or Allocations or Agents or Transitions or Status;

    /// <summary>Whether agents speak to this endpoint; what comes there from an agent with an account of its own is checked before it is read.</summary>
    public static bool HearsAgents(string endpoint) => endpoint is Tasks or Agents or Status or SharedState or Payloads;

    /// <summary>Whether the owner of this endpoint takes <see cref="Bulk"/> messages.</summary>
    public static bool TakesBulk(string endpoint) => endpoint is Tasks or Allocations or Transitions;

    /// <summary>
    /// Whether whoever listens at this endpoint reads messages that are compressed: every service does. What goes to <see cref="Payloads"/> is compressed
    /// already.
    /// </summary>
    public static bool TakesGzip(string endpoint) => endpoint is Tasks or Repairs or Allocations or Agents or Resources or Transitions or Status or States
        or SharedState or Commands or Requests or Audit;

    /// <summary>The address that a command is sent to.</summary>
    public static Uri Address(string endpoint) => new("exchange:" + endpoint);
}
