using System.ComponentModel.DataAnnotations;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Distribution;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Scheduler;

/// <summary>Every knob of the Scheduler; <c>A2A__Scheduler__Name</c> in the environment.</summary>
public sealed class SchedulerOptions
{
    /// <summary>Where the options are bound from.</summary>
    public const string Section = "A2A:Scheduler";

    /// <summary>An agent that has not answered an offer by then is passed over. Agents answer at once, so this is silence.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "A2A__Scheduler__OfferTimeout must be between 1 s and 10 min.")]
    public TimeSpan OfferTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>An agent that has not stopped a cancelled task by then is given up; the task ends all the same.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "A2A__Scheduler__CancelGrace must be between 1 s and 10 min.")]
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>An agent that has not confirmed by then that it heard of a pause is taken for deaf: the command fails with COM001.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "A2A__Scheduler__ControlTimeout must be between 1 s and 10 min.")]
    public TimeSpan ControlTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An agent that heard of a pause and has not stopped by then is stopped hard; the last checkpoint counts.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "A2A__Scheduler__PauseGrace must be between 1 s and 1 h.")]
    public TimeSpan PauseGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts of a task whose handler keeps failing, unless the task says otherwise.</summary>
    [Range(1, 20, ErrorMessage = "A2A__Scheduler__MaxAttempts must be between 1 and 20.")]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Attempts that may be lost with their agents before the task fails; these do not count as the task's own.</summary>
    [Range(0, 100, ErrorMessage = "A2A__Scheduler__MaxLosses must be between 0 and 100.")]
    public int MaxLosses { get; set; } = 10;

    /// <summary>Wait before the second attempt; doubles from there.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "A2A__Scheduler__InitialBackoff must be between 0 and 1 h.")]
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "A2A__Scheduler__MaxBackoff must be between 0 and 1 day.")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages taken from the broker ahead of their turn; what is in flight together is committed together.</summary>
    [Range(1, 10_000, ErrorMessage = "A2A__Scheduler__Prefetch must be between 1 and 10000.")]
    public int Prefetch { get; set; } = 64;

    /// <summary>How long a task waits for a dependency that nobody has submitted, before that counts as a condition that cannot hold.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00", ErrorMessage = "A2A__Scheduler__DependencyWait must be between 1 s and 30 days.")]
    public TimeSpan DependencyWait { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a waiting task hears nothing before it asks its dependencies again; then ever more seldom, at last every hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00", ErrorMessage = "A2A__Scheduler__DependencyAskAgain must be between 100 ms and 1 h.")]
    public TimeSpan DependencyAskAgain { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the Scheduler remembers a completed task; a later one that depends on it finds it unknown.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = "A2A__Scheduler__KeepCompleted must be between 1 min and 10 years.")]
    public TimeSpan KeepCompleted { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long it remembers a task that ended otherwise.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = "A2A__Scheduler__KeepOthers must be between 1 min and 10 years.")]
    public TimeSpan KeepOthers { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How soon a task that several agents shall do asks again who they could be, when it got no answer or too few were there; then ever more
    /// seldom, at last every 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00", ErrorMessage = "A2A__Scheduler__GroupAskAgain must be between 100 ms and 10 min.")]
    public TimeSpan GroupAskAgain { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Most children of one task, ended ones included; whoever comes after them is rejected.</summary>
    [Range(1, 1000, ErrorMessage = "A2A__Scheduler__ChildrenMax must be between 1 and 1000.")]
    public int ChildrenMax { get; set; } = FamilyRules.ChildrenMax;

    /// <summary>Most tasks below one that stands alone, over all generations, ended ones included; whoever comes after them is rejected.</summary>
    [Range(1, 10_000, ErrorMessage = "A2A__Scheduler__DescendantsMax must be between 1 and 10000.")]
    public int DescendantsMax { get; set; } = FamilyRules.DescendantsMax;

    /// <summary>
    /// How long what an agent is given with an offer, to act for the task over HTTP, is good at most; never beyond the deadline, and never longer than the
    /// attempt.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "A2A__Scheduler__GrantLifetime must be between 1 min and 7 days.")]
    public TimeSpan GrantLifetime { get; set; } = TimeSpan.FromDays(1);

    internal FamilyLimits Family => new(ChildrenMax, DescendantsMax);

    internal RetryDefaults Retry => new(MaxAttempts, InitialBackoff, MaxBackoff, MaxLosses);
}

[OptionsValidator]
internal sealed partial class SchedulerOptionsValidator : IValidateOptions<SchedulerOptions>;
