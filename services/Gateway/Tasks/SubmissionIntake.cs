using System.Collections.Frozen;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Estimates;
using A2A.Micro.Gateway.TaskTypes;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Everything that is judged about a submission before it is stored: form, the parameters by the schema of their type, whether an agent
/// that is known could ever run it, the deadline by history, and the parent by where it is.
/// </summary>
public sealed class SubmissionIntake(
    TypeDirectory directory, TypeEstimates estimates, Parents parents, Sealing sealing, GrantDesk grants, IOptions<GatewayOptions> options)
{
    /// <summary>The command, complete with the defaults of its type; or everything that is wrong.</summary>
    public async ValueTask<SubmissionVerdict> Read(JsonElement body, string madeId, DateTimeOffset now, CancellationToken cancellation)
    {
        var types = await directory.Current(cancellation).ConfigureAwait(false);
        var read = SubmissionReader.Read(body, madeId, now, types);
        if (read.Task is { } unknown && !types.Knows(unknown) && await Learn(types, cancellation).ConfigureAwait(false) is { } news)
        {
            read = SubmissionReader.Read(body, madeId, now, news);
        }

        if (read.Refused is not null && await Fresh(cancellation).ConfigureAwait(false) is { } fresh)
        {
            read = SubmissionReader.Read(body, madeId, now, fresh);
        }

        if (read.Task is not { } task) { return new SubmissionVerdict(null, read.Errors) { Refused = read.Refused }; }
        if (await grants.Objection(task, FrozenSet<string>.Empty, cancellation).ConfigureAwait(false) is { } beyond)
        {
            return new SubmissionVerdict(null, [beyond]);
        }

        if (sealing.Objection(task) is { } bare) { return new SubmissionVerdict(null, [bare]); }
        if (Parents.Objection(task, await parents.Ended([task], cancellation).ConfigureAwait(false)) is { } orphaned)
        {
            return new SubmissionVerdict(null, [orphaned]);
        }

        return await Objection(body, task, now, cancellation).ConfigureAwait(false) is var (error, suggested)
            ? new SubmissionVerdict(null, [error], suggested)
            : new SubmissionVerdict(GrantDesk.Signed(task), read.Errors);
    }

    /// <summary>The same for the tasks of a batch.</summary>
    public async ValueTask<IReadOnlyList<BatchItem>> Read(
        IReadOnlyList<JsonElement> bodies, Func<int, string> madeId, DateTimeOffset now, CancellationToken cancellation)
    {
        var types = await directory.Current(cancellation).ConfigureAwait(false);
        var items = BatchReader.Read(bodies, madeId, now, types, options.Value.ChildrenMax).ToArray();
        if (items.Any(item => item.Task is { } unknown && !types.Knows(unknown)) && await Learn(types, cancellation).ConfigureAwait(false) is { } news)
        {
            items = [.. BatchReader.Read(bodies, madeId, now, news, options.Value.ChildrenMax)];
        }

        if (items.Any(item => item.Refused is not null) && await Fresh(cancellation).ConfigureAwait(false) is { } fresh)
        {
            items = [.. BatchReader.Read(bodies, madeId, now, fresh, options.Value.ChildrenMax)];
        }

        await KeepWithin(items, cancellation).ConfigureAwait(false);
        var ended = await parents.Ended(items.Select(item => item.Task).OfType<SubmitTask>(), cancellation).ConfigureAwait(false);
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i].Task is { } child && Parents.Objection(child, ended) is { } orphaned)
            {
                items[i] = items[i].Refuse(orphaned.Pointer[1..], orphaned.Detail, ErrorKind.Conflict);
            }

            if (items[i].Task is { } secret && sealing.Objection(secret) is { } bare)
            {
                items[i] = items[i].Refuse(bare.Pointer[1..], bare.Detail, ErrorKind.UnsupportedRequest);
            }

            if (items[i].Task is { } task && await Objection(items[i].Body, task, now, cancellation).ConfigureAwait(false) is var (error, _))
            {
                items[i] = items[i].Refuse(error.Pointer[1..], error.Detail, ErrorKind.DeadlineImpossible);
            }
        }

        return items;
    }

    private async Task KeepWithin(BatchItem[] items, CancellationToken cancellation)
    {
        if (!GrantDesk.IsActing) { return; }
        var ids = items.Select(item => item.TaskId).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i].Task is not { } task) { continue; }
            items[i] = await grants.Objection(task, ids, cancellation).ConfigureAwait(false) is { } beyond
                ? items[i].Refuse(beyond.Pointer[1..], beyond.Detail, ErrorKind.Forbidden)
                : items[i] with { Task = GrantDesk.Signed(task) };
        }
    }

    // Of a type that nobody has announced nothing is filled in and nothing is checked: before that, too, it is asked, when it has not been just now.
    private async ValueTask<TypeCatalogue?> Learn(TypeCatalogue known, CancellationToken cancellation) =>
        await directory.Learn(known, cancellation).ConfigureAwait(false) is var now && !ReferenceEquals(now, known) ? now : null;

    // Nobody is refused for want of an agent that has just come: before a no, and only then, the ResourceManager is asked.
    private async Task<TypeCatalogue?> Fresh(CancellationToken cancellation)
    {
        try
        {
            return await directory.Ask(cancellation).ConfigureAwait(false);
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    // A deadline that we chose ourselves is not held against the caller.
    private async ValueTask<(FieldError Error, DateTimeOffset? Suggested)?> Objection(
        JsonElement body, SubmitTask task, DateTimeOffset now, CancellationToken cancellation) =>
        (body.TryGetProperty("deadline", out var deadline) && deadline.ValueKind == JsonValueKind.String)
        || (body.TryGetProperty("timeout_s", out var timeout) && timeout.ValueKind == JsonValueKind.Number)
            ? await estimates.Objection(task, now, cancellation).ConfigureAwait(false)
            : null;
}

/// <summary>What came of a submission.</summary>
/// <param name="Task">The command; null when something is wrong.</param>
/// <param name="Errors">Everything that is wrong.</param>
/// <param name="SuggestedDeadline">A deadline that would most likely be met, where the given one cannot be.</param>
public sealed record SubmissionVerdict(SubmitTask? Task, IReadOnlyList<FieldError> Errors, DateTimeOffset? SuggestedDeadline = null)
{
    /// <summary>What would have been the command, if all that is wrong is that nobody could run it.</summary>
    public RefusedSubmission? Refused { get; init; }
}
