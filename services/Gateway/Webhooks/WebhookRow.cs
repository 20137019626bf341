namespace A2A.Micro.Gateway.Webhooks;

/// <summary>An address that events are sent to, as it is kept.</summary>
public sealed record WebhookRow
{
    /// <summary>Names it.</summary>
    public required string WebhookId { get; init; }

    /// <summary>Where to.</summary>
    public required string Url { get; init; }

    /// <summary>Names or patterns of events; empty: all.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Task types or patterns; empty: all.</summary>
    public IReadOnlyList<string> TaskTypes { get; init; } = [];

    /// <summary>Who asked for the task; empty: anybody.</summary>
    public IReadOnlyList<string> Requesters { get; init; } = [];

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>Whether it is sent to.</summary>
    public WebhookState State { get; init; }

    /// <summary>Why it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>What its deliveries are signed with.</summary>
    public required string Secret { get; init; }

    /// <summary>What they were signed with before.</summary>
    public string? OldSecret { get; init; }

    /// <summary>Until when they are signed with both.</summary>
    public DateTimeOffset? OldSecretUntil { get; init; }

    /// <summary>Since when nothing has got through; null after every success.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Counts the changes that callers made.</summary>
    public long Revision { get; init; } = 1;

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Whether a webhook is sent to.</summary>
public enum WebhookState
{
    /// <summary>Yes.</summary>
    Active,

    /// <summary>No, somebody said so; events are not kept for it meanwhile.</summary>
    Paused,

    /// <summary>No, it failed for too long or said that it is gone; events are not kept for it meanwhile.</summary>
    Disabled,
}

/// <summary>One event for one webhook, as it is kept.</summary>
public sealed record DeliveryRow
{
    /// <summary>Names it; made from webhook and event.</summary>
    public required string DeliveryId { get; init; }

    /// <summary>Whom it is for.</summary>
    public required string WebhookId { get; init; }

    /// <summary>The event, which is the <c>webhook-id</c> of every attempt.</summary>
    public required string EventId { get; init; }

    /// <summary>The type of the CloudEvent.</summary>
    public required string EventType { get; init; }

    /// <summary>The task that it is about.</summary>
    public string? TaskId { get; init; }

    /// <summary>The CloudEvent; empty in a list.</summary>
    public required string Body { get; init; }

    /// <summary>What became of it.</summary>
    public DeliveryState State { get; init; }

    /// <summary>Attempts since it was last put into the line.</summary>
    public int Tries { get; init; }

    /// <summary>Attempts since ever.</summary>
    public int Attempts { get; init; }

    /// <summary>When it is sent next; null: not again.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The HTTP status of the last attempt; null: it got no answer.</summary>
    public int? LastStatus { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? LastError { get; init; }

    /// <summary>When it was written down.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What became of a delivery.</summary>
public enum DeliveryState
{
    /// <summary>It is sent until it gets through or the schedule is over.</summary>
    Pending,

    /// <summary>It got through.</summary>
    Delivered,

    /// <summary>The schedule is over.</summary>
    Failed,
}

/// <summary>One attempt of a delivery.</summary>
/// <param name="Number">From 1.</param>
/// <param name="At">When it began.</param>
/// <param name="Status">The HTTP status; null: no answer.</param>
/// <param name="Error">Why it failed; null: it did not.</param>
/// <param name="DurationMs">How long it took.</param>
public sealed record DeliveryAttempt(int Number, DateTimeOffset At, int? Status, string? Error, int DurationMs);

/// <summary>How an attempt went, as the sender saw it.</summary>
/// <param name="At">When it began.</param>
/// <param name="Status">The HTTP status; null: no answer.</param>
/// <param name="Error">Why it failed; null: it got through.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
public sealed record Outcome(DateTimeOffset At, int? Status, string? Error, int DurationMs, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether it got through.</summary>
    public bool IsSuccess => Error is null;

    /// <summary>Whether the receiver says that it wants nothing any more.</summary>
    public bool IsGone => Status == 410;
}

/// <summary>Which deliveries are wanted; what is null is not asked for.</summary>
public sealed record DeliveryFilter
{
    /// <summary>Of this webhook.</summary>
    public required string WebhookId { get; init; }

    /// <summary>In this state.</summary>
    public DeliveryState? State { get; init; }

    /// <summary>About this task.</summary>
    public string? TaskId { get; init; }

    /// <summary>Written down at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>After this place: time and id of the last one of the page before.</summary>
    public (DateTimeOffset CreatedAt, string DeliveryId)? After { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = 50;
}
