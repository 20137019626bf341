namespace A2A.Micro.System.Tests.Crashes;

/// <summary>One crash: this service dies when it comes to this place on behalf of that message, while the scene is played.</summary>
internal sealed record Crash(string Service, string Place, string Message, string Scene)
{
    /// <summary>Where it dies.</summary>
    public string Failpoint => Message.Length == 0 ? Place : $"{Place}.{Message}";

    /// <summary>What is armed. The relay finds only what was not sent at once.</summary>
    public string Mines => Place == "relay.after-claim"
        ? $"outbox.before-publish.{Message}:throw@1,{Failpoint}:kill@1"
        : Failpoint + ":kill@1";

    /// <inheritdoc />
    public override string ToString() => $"{Service} at {Failpoint}";
}

/// <summary>
/// Every place of every unit of work, with every message that comes there. The whole is for <c>make crash-sweep</c>; a run of the tests takes
/// every place and every message of every service at least once.
/// </summary>
internal static class CrashPlan
{
    private static readonly string[] Saga = ["saga.before-commit", "saga.after-commit", "saga.before-ack"];
    private static readonly string[] Outbox = ["outbox.before-publish", "outbox.before-mark", "outbox.after-mark"];
    private static readonly string[] Bulk = ["bulk.half-done", "bulk.before-ack"];

    private static readonly (string Service, string[] Places, (string Message, string Scene)[] Messages)[] All =
    [
        ("Scheduler", Saga,
        [
            ("task.submit", "plain"), ("resource.allocated", "plain"), ("task.accepted", "plain"), ("task.result", "plain"),
            ("task.control.cancel", "cancel"), ("task.control.ack", "cancel"), ("task.control.pause", "pause"), ("task.control.resume", "pause"),
            ("scheduler.task.due", "again"), ("task.input_required", "ask"), ("task.control.input", "ask"), ("task.checkpoint", "report"),
            ("resource.waiting", "line"), ("task.control.amend", "line"), ("task.control.hold", "line"), ("task.control.release", "line"),
        ]),
        ("Scheduler", Bulk, [("scheduler.tasks", "burst")]),
        ("ResourceManager", Saga, [("resource.allocate", "plain"), ("resource.release", "plain")]),
        ("ResourceManager", ["pool.before-commit", "pool.after-commit"], [("claim_room", "plain"), ("release_room", "plain"), ("beat", "plain")]),
        ("ResourceManager", Outbox, [("resource.allocated", "burst")]),
        ("ResourceManager", Bulk, [("resource-manager.allocations", "burst")]),
        ("StateSync", ["state.before-commit", "state.after-commit"], [("transition", "plain"), ("status", "report"), ("partial", "report")]),
        ("StateSync", ["state.after-publish"], [("", "plain")]),
        ("StateSync", ["bulk.before-taking", "bulk.after-taking"], [("task.transitioned", "burst")]),
        ("StateSync", ["bulk.before-ack"], [("state-sync.transitions", "burst")]),
        ("Gateway", ["submission.before-commit", "submission.after-commit"], [("", "plain")]),
        ("Gateway", Outbox, [("task.submit", "plain"), ("task.control.cancel", "cancel"), ("task.control.hold", "line")]),
        ("Gateway", ["relay.after-claim"], [("task.submit", "plain")]),
        ("Gateway", ["command.before-commit", "command.after-commit"], [("", "cancel")]),
    ];

    /// <summary>The services in the order of the plan.</summary>
    public static IReadOnlyList<string> Services => [.. All.Select(group => group.Service).Distinct()];

    /// <summary>The crashes of a service.</summary>
    /// <param name="service">Which.</param>
    /// <param name="whole">Every place with every message, or the diagonal.</param>
    public static IReadOnlyList<Crash> Of(string service, bool whole) =>
    [
        .. All.Where(group => group.Service == service).SelectMany(group => whole
            ? group.Messages.SelectMany(message => group.Places.Select(place => new Crash(service, place, message.Message, message.Scene)))
            : Enumerable.Range(0, Math.Max(group.Places.Length, group.Messages.Length)).Select(i => new Crash(
                service, group.Places[i % group.Places.Length],
                group.Messages[i % group.Messages.Length].Message, group.Messages[i % group.Messages.Length].Scene))),
    ];
}
