using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Identity;
using A2A.Micro.Security.Services;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Asks StateSync over HTTP. Whatever goes wrong on the way is one thing to the caller: StateSync cannot be reached.</summary>
public sealed class HttpStateQueries(HttpClient http) : IStateQueries
{
    /// <inheritdoc />
    public Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) =>
        Get<TaskDocument>("internal/state/tasks/" + Uri.EscapeDataString(taskId), cancellation);

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(taskIds);
        return taskIds is not [var one] ? await Many("find", taskIds, cancellation).ConfigureAwait(false)
            : await Find(one, cancellation).ConfigureAwait(false) is { } document ? [document] : [];
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation) => Many("heads", taskIds, cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        Changes("history", taskId, afterVersion, limit, cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        Changes("partials", taskId, afterVersion, limit, cancellation);

    /// <inheritdoc />
    public async Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation) =>
        await Get<TaskPage>("internal/state/tasks?" + Query(filter), cancellation).ConfigureAwait(false)
        ?? new TaskPage { Tasks = [] };

    /// <inheritdoc />
    public Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation) => Get<TaskTree>(
        string.Create(CultureInfo.InvariantCulture, $"internal/state/tasks/{Uri.EscapeDataString(taskId)}/tree?limit={limit}"), cancellation);

    private async Task<IReadOnlyList<TaskDocument>> Many(string what, IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("internal/state/tasks/" + what, UriKind.Relative))
        {
            Content = JsonContent.Create(taskIds),
        };
        return await Ask<List<TaskDocument>>(request, cancellation).ConfigureAwait(false) ?? [];
    }

    private async Task<IReadOnlyList<TaskChange>> Changes(
        string which, string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        await Get<List<TaskChange>>(
            string.Create(CultureInfo.InvariantCulture,
                $"internal/state/tasks/{Uri.EscapeDataString(taskId)}/{which}?after={afterVersion}&limit={limit}"),
            cancellation).ConfigureAwait(false) ?? [];

    internal static string Query(TaskFilter filter)
    {
        var query = new StringBuilder("limit=").Append(filter.Limit);
        foreach (var state in filter.States) { Add("state", state.Word()); }
        Add("type", filter.TaskType);
        Add("requester", filter.RequesterAgentId);
        Add("parent_task_id", filter.ParentTaskId);
        foreach (var type in filter.TaskTypes) { Add("any_type", type); }
        Add("agent", filter.AgentId);
        Add("priority", filter.Priority?.ToString(CultureInfo.InvariantCulture));
        foreach (var label in filter.Labels) { Add("label", label); }
        Add("created_after", Exact(filter.CreatedAfter));
        Add("created_before", Exact(filter.CreatedBefore));
        Add("updated_after", Exact(filter.UpdatedAfter));
        Add("updated_before", Exact(filter.UpdatedBefore));
        if (filter.After is { } after)
        {
            Add("after_us", after.UpdatedAtUs.ToString(CultureInfo.InvariantCulture));
            Add("after_id", after.TaskId);
        }

        return query.ToString();

        static string? Exact(DateTimeOffset? at) => at?.ToString("O", CultureInfo.InvariantCulture);

        void Add(string name, string? value)
        {
            if (value is not null) { _ = query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value)); }
        }
    }

    private async Task<T?> Get<T>(string path, CancellationToken cancellation) where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        return await Ask<T>(request, cancellation).ConfigureAwait(false);
    }

    private async Task<T?> Ask<T>(HttpRequestMessage request, CancellationToken cancellation) where T : class
    {
        if (Caller.Current.Tenant is var tenant && tenant != TenantNames.Default) { request.Headers.Add(ServicePass.TenantHeader, tenant); }
        try
        {
            using var answer = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.NotFound) { return null; }
            _ = answer.EnsureSuccessStatusCode();
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync<T>(body, WireJson.Options, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested
            && e is HttpRequestException or OperationCanceledException or JsonException or IOException)
        {
            throw new ProtocolException(ErrorKind.Connection, "The state of tasks cannot be read at the moment; try again.");
        }
    }
}
