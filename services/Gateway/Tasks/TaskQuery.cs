using Microsoft.AspNetCore.Mvc;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>The parameters of a list of tasks, for the document; read by <see cref="ListQuery"/> and <see cref="FilterGrammar"/>.</summary>
public sealed record TaskQuery
{
    /// <summary>States separated by commas.</summary>
    [FromQuery(Name = "status")]
    public string? Status { get; init; }

    /// <summary>A type, a prefix such as <c>data.*</c>, or several types separated by commas.</summary>
    [FromQuery(Name = "type")]
    public string? Type { get; init; }

    /// <summary>Only what this requester asked for.</summary>
    [FromQuery(Name = "requester")]
    public string? Requester { get; init; }

    /// <summary>Only the children of this task.</summary>
    [FromQuery(Name = "parent_task_id")]
    public string? ParentTaskId { get; init; }

    /// <summary>Only what this agent has, or had last.</summary>
    [FromQuery(Name = "agent")]
    public string? Agent { get; init; }

    /// <summary>1 to 4 or a name.</summary>
    [FromQuery(Name = "priority")]
    public string? Priority { get; init; }

    /// <summary>Metadata <c>correlation_id</c>; any other plain member is asked for as <c>metadata.name=value</c>.</summary>
    [FromQuery(Name = "correlation_id")]
    public string? CorrelationId { get; init; }

    /// <summary>Submitted at this time or later; RFC 3339 with an offset, or an age such as <c>15m</c>, <c>2h</c>, <c>7d</c>.</summary>
    [FromQuery(Name = "created_after")]
    public string? CreatedAfter { get; init; }

    /// <summary>Submitted before this time.</summary>
    [FromQuery(Name = "created_before")]
    public string? CreatedBefore { get; init; }

    /// <summary>Changed last at this time or later.</summary>
    [FromQuery(Name = "updated_after")]
    public string? UpdatedAfter { get; init; }

    /// <summary>Changed last before this time.</summary>
    [FromQuery(Name = "updated_before")]
    public string? UpdatedBefore { get; init; }

    /// <summary>1 to 200 (50).</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    /// <summary><c>next_cursor</c> of the page before.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }
}
