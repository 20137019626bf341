using Microsoft.AspNetCore.Mvc;

namespace A2A.Micro.StateSync.Queries;

/// <summary>The parameters of a list, as they stand in the address.</summary>
public sealed record ListQuery
{
    /// <summary>Any of these states.</summary>
    [FromQuery(Name = "state")]
    public string[]? State { get; init; }

    /// <summary>Exact type or prefix.</summary>
    [FromQuery(Name = "type")]
    public string? Type { get; init; }

    /// <summary>Any of these exact types.</summary>
    [FromQuery(Name = "any_type")]
    public string[]? AnyType { get; init; }

    /// <summary>The agent.</summary>
    [FromQuery(Name = "agent")]
    public string? Agent { get; init; }

    /// <summary>The priority.</summary>
    [FromQuery(Name = "priority")]
    public int? Priority { get; init; }

    /// <summary>Labels that must all be there.</summary>
    [FromQuery(Name = "label")]
    public string[]? Label { get; init; }

    /// <summary>Time of submission, from here on.</summary>
    [FromQuery(Name = "created_after")]
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>Time of submission, before this.</summary>
    [FromQuery(Name = "created_before")]
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Time of the last change, from here on.</summary>
    [FromQuery(Name = "updated_after")]
    public DateTimeOffset? UpdatedAfter { get; init; }

    /// <summary>Time of the last change, before this.</summary>
    [FromQuery(Name = "updated_before")]
    public DateTimeOffset? UpdatedBefore { get; init; }

    /// <summary>Who asked for the work.</summary>
    [FromQuery(Name = "requester")]
    public string? Requester { get; init; }

    /// <summary>Whose children.</summary>
    [FromQuery(Name = "parent_task_id")]
    public string? ParentTaskId { get; init; }

    /// <summary>Time of the cursor, in microseconds since 1970.</summary>
    [FromQuery(Name = "after_us")]
    public long? AfterUs { get; init; }

    /// <summary>Id of the cursor.</summary>
    [FromQuery(Name = "after_id")]
    public string? AfterId { get; init; }

    /// <summary>Size of the page.</summary>
    [FromQuery(Name = "limit")]
    public int? Limit { get; init; }
}
