namespace A2A.Micro.Gateway.Webhooks;

/// <summary>A webhook, or what is to change about one: what is absent stays.</summary>
public sealed record WebhookRequest
{
    /// <summary>Where to: https, port 443 or 8443, a host of the public internet.</summary>
    public string? Url { get; init; }

    /// <summary>Which events, such as <c>task.completed</c> or <c>task.*</c>; empty: all. At most 50.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Of which task types, such as <c>data.analysis</c> or <c>data.*</c>; empty: all. At most 50.</summary>
    public IReadOnlyList<string>? TaskTypes { get; init; }

    /// <summary>Of tasks of which requesters; empty: of all. At most 50.</summary>
    public IReadOnlyList<string>? Requesters { get; init; }

    /// <summary>What it is for, at most 500 characters.</summary>
    public string? Description { get; init; }

    /// <summary>With a new webhook: the secret to sign with, <c>whsec_</c> and base64 of 24 to 64 bytes. Absent: one is drawn.</summary>
    public string? Secret { get; init; }

    /// <summary>With a change: <c>active</c> or <c>paused</c>. <c>active</c> also brings back one that was disabled.</summary>
    public WebhookState? Status { get; init; }
}

/// <summary>Another secret.</summary>
public sealed record RotateRequest
{
    /// <summary>The new secret; absent: one is drawn.</summary>
    public string? Secret { get; init; }

    /// <summary>For how many seconds deliveries are signed with both, 0 to 2592000; absent: as configured, a day.</summary>
    public int? OverlapS { get; init; }
}

/// <summary>Which deliveries are sent again.</summary>
public sealed record ReplayRequest
{
    /// <summary>In this state; absent: <c>failed</c>.</summary>
    public DeliveryState? Status { get; init; }

    /// <summary>Written down at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>About this task.</summary>
    public string? TaskId { get; init; }

    /// <summary>At most so many, 1 to 1000; absent: 1000.</summary>
    public int? Limit { get; init; }
}
