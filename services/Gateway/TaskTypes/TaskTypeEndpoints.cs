using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.TaskTypes;

/// <summary>What can be asked for: asked of the ResourceManager, which hears the agents.</summary>
public static class TaskTypeEndpoints
{
    /// <summary>Adds the routes of task types.</summary>
    public static void MapTaskTypes(this IEndpointRouteBuilder v1)
    {
        var types = v1.MapGroup("/task-types").WithTags("Task types");
        _ = types.MapGet("/", List).WithName("listTaskTypes").WithSummary("Every type that an agent has announced")
            .Produces<TaskTypeListView>().ProducesErrors(503);
        _ = types.MapGet("/{taskType}", Get).WithName("getTaskType")
            .WithSummary("One type with its schemas; type@version names a version, else it is the newest that somebody here does")
            .Produces<TaskTypeView>().ProducesErrors(404, 503);
    }

    private static async Task<IResult> List(TypeDirectory directory, CancellationToken cancellation)
    {
        var types = await directory.Ask(cancellation).ConfigureAwait(false);
        return TypedResults.Ok(new TaskTypeListView
        {
            TaskTypes =
            [
                .. types.Types.Select(type => TaskTypeView.Of(type, types, whole: false))
                    .OrderBy(type => type.TaskType, StringComparer.Ordinal)
                    .ThenByDescending(type => type.Version, Comparer<string?>.Create(TaskTypeName.CompareVersions)),
            ],
        });
    }

    private static async Task<IResult> Get(string taskType, TypeDirectory directory, CancellationToken cancellation)
    {
        var types = await directory.Ask(cancellation).ConfigureAwait(false);
        var (name, version) = TaskTypeName.Split(taskType);
        var found = types.Types.Where(type => type.Name == name && (version is null || type.Version == version))
            .OrderByDescending(type => type.IsLive).FirstOrDefault()
            ?? types.Types.FirstOrDefault(type => type.Covers(taskType));
        return found is null
            ? Problems.Of(ErrorKind.NotFound, $"No agent has announced the type {Problems.Quote(taskType)}.")
            : TypedResults.Ok(TaskTypeView.Of(found, types, whole: true));
    }
}
