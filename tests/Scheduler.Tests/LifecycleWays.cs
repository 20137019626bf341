namespace A2A.Micro.Scheduler.Tests;

/// <summary>What a task hears, from its submission on, until it is in a state of the table.</summary>
internal static class LifecycleWays
{
    private static readonly string[] Taken = ["task.dependency.watch of its first member", "task.dependency.watch of its last member"];

    /// <summary>The words of the table's second column, in their order.</summary>
    public static string[] To(string state) => state switch
    {
        "new" => [],
        "queued" => ["task.submit"],
        "offered" => ["task.submit", "resource.allocated"],
        "running" => ["task.submit", "resource.allocated", "task.accepted"],
        "offered/cancelling" => ["task.submit", "resource.allocated", "task.control.cancel"],
        "running/cancelling" => ["task.submit", "resource.allocated", "task.accepted", "task.control.cancel"],
        "blocked/retry_wait" => ["task.submit", "resource.allocated", "task.accepted", "task.result failed for now"],
        "completed" => ["task.submit", "resource.allocated", "task.accepted", "task.result completed"],
        "failed" => ["task.submit", "resource.allocated", "task.accepted", "task.result failed for good"],
        "cancelled" => ["task.submit", "task.control.cancel"],
        "running/pausing" => [.. To("running"), "task.control.pause"],
        "running/making room" => [.. To("running"), "resource.preempt"],
        "running/making room, heard" => [.. To("running/making room"), "task.control.ack that the agent makes room"],
        "running/pausing, heard" => [.. To("running/pausing"), "task.control.ack that the agent has heard"],
        "running, pause given up" => [.. To("running/pausing"), "the agent stays silent"],
        "paused" => ["task.submit", "task.control.pause"],
        "paused/kept" => [.. To("running"), "task.control.pause that keeps its room", "task.control.ack that the agent has paused"],
        "paused/resuming" => [.. To("paused/kept"), "task.control.resume"],
        "input_required" => [.. To("running"), "task.input_required"],
        "input_required/alone" => [.. To("input_required"), "resource.revoked"],
        "input_required/cancelling" => [.. To("input_required"), "task.control.cancel"],
        "blocked/held" => ["task.submit", "task.control.hold"],
        "rejected" => ["task.submit that breaks the rules"],
        "awaited" => ["task.dependency.watch"],
        "blocked" => ["task.submit that waits for another"],
        "blocked for later" => ["task.submit for later"],
        "blocked until its time" => ["task.submit that waits for another and its time"],
        "blocked for a part" => ["task.submit that waits for a part"],
        "blocked or skipped" => ["task.submit that waits or is skipped"],
        "blocked or released" => ["task.submit that waits or is released"],
        "blocked or held" => ["task.submit that waits or is held"],
        "blocked or held, in vain" => [.. To("blocked or held"), "task.dependency.settled failed"],
        "blocked and held" => [.. To("blocked"), "task.control.hold"],
        "blocked and paused" => [.. To("blocked"), "task.control.pause"],
        "running watched" => ["task.submit", "task.dependency.watch", "resource.allocated", "task.accepted"],
        "offered watched until started" => ["task.submit", "task.dependency.watch until started", "resource.allocated"],
        "awaited for a child" => ["task.dependency.watch of a child"],
        "blocked as a child" => ["task.submit as a child"],
        "blocked as a child with a child" => [.. To("blocked as a child"), "task.dependency.watch of a child"],
        "queued with a child" => ["task.submit", "task.dependency.watch of a child"],
        "queued and taken in" => [.. To("blocked as a child"), "task.dependency.settled that takes it in"],
        "running with a child" => [.. To("queued with a child"), "resource.allocated", "task.accepted"],
        "running/cancelling with a child" => [.. To("running with a child"), "task.control.cancel"],
        "running/cancelling sparing a child" => [.. To("running with a child"), "task.control.cancel that spares children"],
        "completed with a child" => [.. To("running with a child"), "task.result completed"],
        "queued, its parent at work" =>
            ["task.submit of its parent", "resource.allocated to its parent", "task.submit as a child", "task.dependency.settled that takes it in"],
        "running watched by an agent" =>
            [.. To("queued, its parent at work"), "task.dependency.watch of an agent", "resource.allocated", "task.accepted"],
        "queued for several" => ["task.submit to several agents"],
        "running for several" => [.. To("queued for several"), "resource.agents.found", .. Taken],
        "running for several, one done" => [.. To("running for several"), "task.member.moved completed"],
        "running as a race" => ["task.submit as a race", "resource.agents.found", .. Taken],
        "completed as a race" => [.. To("running as a race"), "task.member.moved completed"],
        "failed for several" => [.. To("running for several"), "task.member.moved failed"],
        "queued as a member" => ["task.submit as a member", "task.dependency.settled that takes it in"],
        "offered as a member" => [.. To("queued as a member"), "resource.allocated"],
        "running as a member" => [.. To("offered as a member"), "task.accepted"],
        "expired" => ["task.submit", "the deadline passes"],
        _ => throw new InvalidOperationException($"the test does not know how to reach '{state}'"),
    };
}
