using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Estimates;
using A2A.Micro.Gateway.TaskTypes;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Everything that is judged about a submission before it is stored: form, the parameters by the schema of their type, and the deadline
/// by history.
/// </summary>
public sealed class SubmissionIntake(TypeDirectory directory, TypeEstimates estimates)
{
    /// <summary>The command, complete with the defaults of its type; or everything that is wrong.</summary>
    public async ValueTask<SubmissionVerdict> Read(JsonElement body, string madeId, DateTimeOffset now, CancellationToken cancellation)
    {
        var types = await directory.Current(cancellation).ConfigureAwait(false);
        var (task, errors) = SubmissionReader.Read(body, madeId, now, types);
        if (task is null) { return new SubmissionVerdict(null, errors); }
        // A deadline that we chose ourselves is not held against the caller.
        var isChosen = body.TryGetProperty("deadline", out var deadline) && deadline.ValueKind == JsonValueKind.String;
        return isChosen && await estimates.Objection(task, now, cancellation).ConfigureAwait(false) is var (error, suggested)
            ? new SubmissionVerdict(null, [error], suggested)
            : new SubmissionVerdict(task, errors);
    }
}

/// <summary>What came of a submission.</summary>
/// <param name="Task">The command; null when something is wrong.</param>
/// <param name="Errors">Everything that is wrong.</param>
/// <param name="SuggestedDeadline">A deadline that would most likely be met, where the given one cannot be.</param>
public sealed record SubmissionVerdict(SubmitTask? Task, IReadOnlyList<FieldError> Errors, DateTimeOffset? SuggestedDeadline = null);
