using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Control;

/// <summary>
/// One command to many tasks: <c>POST /v1/tasks:pause</c> and so on. The tasks are chosen once; each gets a command of its own, all stored in one
/// transaction, so the same <c>command_id</c> again shows the same commands.
/// </summary>
public static class BulkEndpoints
{
    private const int TasksMax = 1000;

    // Room for the number of the command within the bulk.
    private const int IdLengthMax = 120;

    private const int RateMax = 100;

    private static readonly string[] Selection = ["task_ids", "filter", "limit", "dry_run", "rate"];

    private static readonly string[] Selectors = ["status", "type", "requester", "parent_task_id"];

    private static readonly TaskState[] Ended = [TaskState.Failed, TaskState.Expired, TaskState.Cancelled, TaskState.Rejected];

    /// <summary>Adds the routes.</summary>
    public static void MapBulk(this IEndpointRouteBuilder v1)
    {
        foreach (var verb in CommandMessages.Verbs)
        {
            _ = v1.MapPost($"/tasks:{verb}", ([FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey, Commands commands,
                    TenantStates states, TimeProvider clock, IOptions<GatewayOptions> options, HttpContext http) =>
                    Give(verb, commands, states, clock, options.Value, http))
                .WithTags("Commands").WithName(verb + "Tasks").WithSummary($"The command {verb} to many tasks")
                .WithDescription("For the tasks that are named or that match, at most 1000; with rate so many a second. dry_run says which they are and "
                    + "does nothing. "
                    + "GET /v1/commands/{bulk_id} shows what became of each.")
                .Accepts<BulkRequest>("application/json")
                .Produces<BulkView>(StatusCodes.Status202Accepted).Produces<BulkView>()
                .ProducesErrors(400, 409, 413, 415, 429, 503);
        }
    }

    /// <summary>A bulk as it stands.</summary>
    public static BulkView View(string bulkId, IReadOnlyList<CommandRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new BulkView
        {
            BulkId = bulkId,
            Command = rows[0].Command,
            Matched = rows.Count,
            Counts = rows.GroupBy(row => row.Status).ToDictionary(group => group.Key.Word(), group => group.Count()),
            TaskIds = [.. rows.Select(row => row.TaskId)],
            Commands = [.. rows.Select(CommandView.Of)],
        };
    }

    private static async Task<IResult> Give(
        string verb, Commands commands, TenantStates states, TimeProvider clock, GatewayOptions options, HttpContext http)
    {
        var body = await RequestBody.Read(http.Request, options, optional: false, http.RequestAborted).ConfigureAwait(false);
        var errors = new List<FieldError>();
        var key = IdempotencyKey.Read(http.Request.Headers[IdempotencyKey.Header]);
        var bulkId = CommandMessages.IdOf(body, errors)
            ?? (key is null ? "bulk-" + Guid.CreateVersion7(clock.GetUtcNow()) : CommandMessages.IdOf(key, verb, "tasks"));
        if (bulkId.Length > IdLengthMax)
        {
            errors.Add(new FieldError("#/command_id", $"at most {IdLengthMax} characters for a bulk", ErrorKind.Validation.Code));
        }

        _ = CommandMessages.Read(verb, "checked", bulkId, body, errors, Selection);
        var choice = Choice.Read(verb, body!.Value, clock.GetUtcNow(), errors);
        if (errors.Count > 0) { return Problems.Of(errors); }
        var known = await commands.OfBulk(bulkId, http.RequestAborted).ConfigureAwait(false);
        if (known.Count > 0)
        {
            return known[0].Command == verb
                ? TypedResults.Accepted("/v1/commands/" + bulkId, View(bulkId, known))
                : Problems.Of(ErrorKind.Conflict, $"The command_id {Problems.Quote(bulkId)} belongs to another command.");
        }

        var (tasks, more) = await choice.Find(states, http.RequestAborted).ConfigureAwait(false);
        if (choice.DryRun || tasks.Count == 0)
        {
            return TypedResults.Ok(new BulkView
            {
                BulkId = bulkId,
                Command = verb,
                Matched = tasks.Count,
                More = more,
                DryRun = choice.DryRun ? true : null,
                Counts = new Dictionary<string, int>(),
                TaskIds = tasks,
                Commands = [],
            });
        }

        var receipts = await commands.Accept([.. tasks.Select((task, number) =>
        {
            var id = $"{bulkId}.{number:d4}";
            TimeSpan? after = choice.Rate is { } rate ? TimeSpan.FromSeconds((double)number / rate) : null;
            return commands.New(verb, task, id, CommandMessages.Read(verb, task, id, body, [], Selection), bulkId, after);
        })], http.RequestAborted).ConfigureAwait(false);
        return TypedResults.Accepted("/v1/commands/" + bulkId, View(bulkId, [.. receipts.Select(receipt => receipt.Row)]) with { More = more });
    }

    /// <summary>Which tasks are meant.</summary>
    private sealed record Choice(IReadOnlyList<string>? TaskIds, TaskFilter Filter, int Limit, bool DryRun, int? Rate)
    {
        public static Choice Read(string verb, JsonElement body, DateTimeOffset now, List<FieldError> errors)
        {
            var fields = new JsonFields(body, "#", [], []);
            var limit = fields.Any("limit") is null ? TasksMax : fields.Whole("limit") ?? 0;
            if (limit is < 1 or > TasksMax) { Wrong(errors, "#/limit", $"1 to {TasksMax}"); }
            if (fields.Any("dry_run") is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) }) { Wrong(errors, "#/dry_run", "true or false"); }
            var ids = Ids(fields, errors);
            if (ids is null == fields.Any("filter") is null)
            {
                Wrong(errors, "#", "say which tasks: either task_ids or filter ({} means all in which the command can do something)");
            }

            return new Choice(ids, FilterOf(verb, fields, now, errors), limit, fields.Any("dry_run")?.ValueKind == JsonValueKind.True, RateOf(fields, errors));
        }

        private static int? RateOf(JsonFields fields, List<FieldError> errors)
        {
            if (fields.Any("rate") is null) { return null; }
            if (fields.Whole("rate") is >= 1 and <= RateMax and var rate) { return rate; }
            Wrong(errors, "#/rate", $"1 to {RateMax} commands a second");
            return null;
        }

        public async Task<(IReadOnlyList<string> Tasks, bool More)> Find(TenantStates states, CancellationToken cancellation)
        {
            if (TaskIds is not null) { return ([.. TaskIds.Take(Limit)], TaskIds.Count > Limit); }
            var found = new List<string>();
            var filter = Filter;
            while (true)
            {
                var page = await states.List(filter, cancellation).ConfigureAwait(false);
                found.AddRange(page.Tasks.Select(task => task.TaskId).Except(found));
                if (found.Count >= Limit || page.Next is null) { return ([.. found.Take(Limit)], found.Count > Limit || page.Next is not null); }
                filter = filter with { After = page.Next };
            }
        }

        private static List<string>? Ids(JsonFields fields, List<FieldError> errors)
        {
            if (fields.Any("task_ids") is not { } member) { return null; }
            if (member.ValueKind != JsonValueKind.Array || member.GetArrayLength() is 0 or > TasksMax)
            {
                Wrong(errors, "#/task_ids", $"an array of 1 to {TasksMax} task ids is expected");
                return [];
            }

            var ids = new List<string>();
            foreach (var (index, item) in member.EnumerateArray().Index())
            {
                if (item.ValueKind == JsonValueKind.String && TaskRules.IsTaskId(item.GetString())) { ids.Add(item.GetString()!); }
                else { Wrong(errors, $"#/task_ids/{index}", "a task id is expected"); }
            }

            return [.. ids.Distinct(StringComparer.Ordinal)];
        }

        private static TaskFilter FilterOf(string verb, JsonFields fields, DateTimeOffset now, List<FieldError> errors)
        {
            if (fields.Any("filter") is not { } member) { return new TaskFilter(); }
            string[] names = member.ValueKind == JsonValueKind.Object ? [.. member.EnumerateObject().Select(one => one.Name)] : [];
            var before = errors.Count;
            var filter = new JsonFields(member, "#/filter", errors, names);
            var pairs = names.Select(name => KeyValuePair.Create(name, filter.Text(name) ?? "")).Where(pair => pair.Value.Length > 0).ToList();
            var (status, type, requester, parent) =
                (filter.Text("status"), filter.Text("type"), filter.Text("requester"), filter.Text("parent_task_id"));
            if (errors.Count > before) { return new TaskFilter(); }
            try
            {
                var read = ListQuery.Read(status, FilterGrammar.IsMany(type) ? null : type, requester, "200", null, parent);
                read = FilterGrammar.Add(read, pairs, Selectors, "#/filter", now, errors);
                return read.States.Count > 0 ? read : read with { States = verb == "retry" ? Ended : [.. Enum.GetValues<TaskState>().Where(IsOpen)] };
            }
            catch (ProtocolException e)
            {
                errors.AddRange(e.Errors.Select(error => error with { Pointer = error.Pointer.Replace("#/query/", "#/filter/", StringComparison.Ordinal) }));
                return new TaskFilter();
            }
        }

        private static bool IsOpen(TaskState state) => state != TaskState.Unknown && !state.IsTerminal();

        private static void Wrong(List<FieldError> errors, string pointer, string detail) =>
            errors.Add(new FieldError(pointer, detail, ErrorKind.Validation.Code));
    }
}
