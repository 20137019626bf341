using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Estimates;

/// <summary>What history says.</summary>
public static class StatisticsEndpoints
{
    /// <summary>Adds the routes of statistics.</summary>
    public static void MapStatistics(this IEndpointRouteBuilder v1)
    {
        _ = v1.MapGet("/stats", async (ISystemStatistics statistics, CancellationToken cancellation) =>
                TypedResults.Ok(await statistics.Read(cancellation).ConfigureAwait(false)))
            .WithTags("Statistics").WithName("getStats")
            .WithSummary("All tasks in figures: how many stand where, how many ended lately, how long each stage takes, by type and by agent")
            .WithDescription("open and waiting are counted, ended too; stages, types and agents are reckoned from the last 1,000 tasks that ended. "
                + "At most a few seconds old.")
            .Produces<SystemStatistics>().ProducesErrors(503);
        _ = v1.MapGet("/stats/task-types/{taskType}", Get).WithTags("Statistics").WithName("getTaskTypeStats")
            .WithSummary("How long tasks of a type take and how often they succeed: the last 1,000 that ended")
            .Produces<TaskTypeStatsView>().ProducesErrors(400, 503);
    }

    private static async Task<IResult> Get(
        string taskType, ITypeStatistics statistics, TypeEstimates estimates, TimeProvider clock, CancellationToken cancellation)
    {
        if (!TaskRules.IsTaskType(taskType))
        {
            return Problems.Of([new FieldError("#/path/task_type", "a type such as data.analysis", ErrorKind.Validation.Code)]);
        }

        var history = await statistics.Of(taskType, cancellation).ConfigureAwait(false);
        return TypedResults.Ok(new TaskTypeStatsView
        {
            TaskType = taskType,
            Count = history.Count,
            Completed = history.Completed,
            Cancelled = history.Cancelled,
            SuccessRate = history.SuccessRate,
            ExecutionS = history.ExecutionS,
            TotalS = history.TotalS,
            SuggestedDeadline = estimates.Suggest(history, clock.GetUtcNow()),
        });
    }
}

/// <summary>How long tasks of a type take and how often they succeed.</summary>
public sealed record TaskTypeStatsView
{
    /// <summary>The type.</summary>
    public required string TaskType { get; init; }

    /// <summary>Ended tasks that were looked at: the last 1,000 at most; 0 for a type without history.</summary>
    public required int Count { get; init; }

    /// <summary>Of these, completed.</summary>
    public required int Completed { get; init; }

    /// <summary>Of these, cancelled.</summary>
    public required int Cancelled { get; init; }

    /// <summary>Completed among those that were not cancelled, 0..1.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>Seconds of execution: the last attempt of completed tasks.</summary>
    public DurationFigures? ExecutionS { get; init; }

    /// <summary>Seconds from submission to the end of completed tasks, waiting included.</summary>
    public DurationFigures? TotalS { get; init; }

    /// <summary>A deadline that a task handed in now would most likely meet; absent while history is too short.</summary>
    public DateTimeOffset? SuggestedDeadline { get; init; }
}
