using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// Is a submission well formed? Pure, and part of the protocol: the Gateway asks before it accepts, the Scheduler asks again
/// because submissions also come over the bus.
/// </summary>
public static class TaskRules
{
    /// <summary>Longest task id and type.</summary>
    public const int NameLengthMax = 128;

    /// <summary>Longest resume token in bytes of UTF-8 (R13).</summary>
    public const int TokenBytesMax = 64 * 1024;

    /// <summary>What the resume token of a task with secrets begins with once it is sealed.</summary>
    public const string SealedTokenMark = "$enc:v1:";

    /// <summary>Most places of a task's parameters, or of its result, that are named as secrets.</summary>
    public const int PlacesMax = 256;

    // What is sealed is as long again by a third, and a little.
    private const int SealedTokenBytesMax = TokenBytesMax + (TokenBytesMax / 2);

    /// <summary>Whether a resume token is within its bounds; absent ones are.</summary>
    public static bool IsToken(string? token) => token is null
        || Encoding.UTF8.GetByteCount(token) <= (token.StartsWith(SealedTokenMark, StringComparison.Ordinal) ? SealedTokenBytesMax : TokenBytesMax);

    /// <summary>
    /// Fills in what may be absent: type alias, what the complexity class of the type's name gives, priority, mode, creation time.
    /// </summary>
    public static SubmitTask Normalise(SubmitTask task, DateTimeOffset now)
    {
        var type = task.TaskType.Length > 0 ? task.TaskType : task.Type ?? "";
        var complete = ComplexityClass.Of(type)?.Complete(task, now) ?? task;
        return complete with
        {
            TaskType = type,
            Type = null,
            Priority = complete.Priority == 0 ? 2 : complete.Priority,
            Mode = task.Mode ?? (task.ResponderAgentId is null ? TaskMode.Routed : TaskMode.Direct),
            CreatedAt = now,
        };
    }

    /// <summary>Everything that is wrong with it; empty when it may be accepted.</summary>
    public static IReadOnlyList<FieldError> Check(SubmitTask task, DateTimeOffset now)
    {
        var errors = new List<FieldError>();
        void Wrong(string pointer, string detail, ErrorKind? kind = null) =>
            errors.Add(new FieldError(pointer, detail, (kind ?? ErrorKind.Validation).Code));

        if (!IsTaskId(task.TaskId))
        {
            Wrong("#/task_id", "1 to 128 characters from A-Z a-z 0-9 . _ : ~ -");
        }

        if (task is { Type: { } alias } && task.TaskType.Length > 0 && alias != task.TaskType)
        {
            Wrong("#/type", $"type and task_type differ; send only task_type");
        }

        var type = task.TaskType.Length > 0 ? task.TaskType : task.Type ?? "";
        if (!IsTaskType(type))
        {
            Wrong("#/task_type", "required: a name such as data.analysis, segments of a-z A-Z 0-9 _ - separated by dots, at most 128 characters; "
                + "with a version: data.analysis@2");
        }

        if (task.Priority is < 0 or > 4)
        {
            Wrong("#/priority", "0 to 4 or one of low, medium, high, critical; larger is more urgent");
        }

        if (task.Deadline is { } deadline && deadline <= now)
        {
            Wrong("#/deadline", "the deadline has passed; send a later one", ErrorKind.DeadlineImpossible);
        }

        if (task.TimeoutS is { } seconds && !(seconds is >= 1 and <= TaskTypeProfile.TimeoutSMax))
        {
            Wrong("#/timeout_s", $"1 to {TaskTypeProfile.TimeoutSMax:0} seconds");
        }
        else if (task is { TimeoutS: not null, Deadline: not null })
        {
            Wrong("#/timeout_s", "the task has a deadline; send one of the two");
        }

        MetadataRules.Check(task, Wrong);
        CheckRequirements(task.Requirements, Wrong);
        CheckRouting(task, Wrong);
        CheckRetry(task.Retry, Wrong);
        PlacementRules.Check(task, Wrong);
        if (!IsToken(task.ResumeToken)) { Wrong("#/resume_token", "at most 64 KiB", ErrorKind.TooLarge); }
        CheckPlaces(task.Sensitive, "#/sensitive", Wrong);
        CheckPlaces(task.SensitiveResults, "#/sensitive_results", Wrong);
        if (task.ReplayOf is { } first && !IsTaskId(first)) { Wrong("#/replay_of", "a task id"); }
        DependencyRules.Check(task, Wrong);
        FamilyRules.Check(task, Wrong);
        GroupRules.Check(task, Wrong);
        return errors;
    }

    /// <summary>1..128 characters of <c>[A-Za-z0-9._:~-]</c> (R1).</summary>
    public static bool IsTaskId(string? id) =>
        id is { Length: > 0 and <= NameLengthMax }
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '~' or '-');

    /// <summary>A task's id as it stands inside the system: <c>task-1</c>, or <c>acme@task-1</c> of another tenant than the default one.</summary>
    public static bool IsTaskName(string? id) => id is not null && (IsTaskId(id)
        || (TenantNames.TenantOf(id) is var tenant && tenant != TenantNames.Default && TenantNames.IsTenant(tenant) && IsTaskId(TenantNames.Outside(id))));

    /// <summary>
    /// The same as <see cref="Check(SubmitTask, DateTimeOffset)"/> for a task as it stands inside the system. All that it names belongs to one tenant:
    /// what an agent hands in cannot reach into another's.
    /// </summary>
    public static IReadOnlyList<FieldError> CheckInside(SubmitTask task, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        var tenant = TenantNames.TenantOf(task.TaskId);
        if (!IsTaskName(task.TaskId)) { return Check(task, now); }
        var stranger = false;
        var outside = task.WithIds(id =>
        {
            stranger |= IsTaskName(id) && TenantNames.TenantOf(id) != tenant;
            return IsTaskName(id) ? TenantNames.Outside(id) : id;
        });
        return stranger
            ? [new FieldError("#", "a task names only tasks of its own tenant", ErrorKind.SecurityError.Code)]
            : MetadataRules.IsOfAnotherTenant(task)
            ? [new FieldError("#/metadata", $"{MetadataRules.Tenant} is another tenant than that of the task", ErrorKind.SecurityError.Code)]
            : Check(outside, now);
    }

    /// <summary>1..64 characters of <c>[A-Za-z0-9._-]</c>: it becomes part of a queue's name.</summary>
    public static bool IsAgentId(string? id) =>
        id is { Length: > 0 and <= 64 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>
    /// Segments of letters, digits, underscore and hyphen, separated by single dots (R14); a version may follow, as in
    /// <c>data.analysis@2</c>.
    /// </summary>
    public static bool IsTaskType(string type)
    {
        var (name, version) = TaskTypeName.Split(type);
        return type.Length is > 0 and <= NameLengthMax
            && (version is null || TaskTypeName.IsVersion(version))
            && name.Split('.').All(segment => segment.Length > 0 && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));
    }

    /// <summary>Everything that is wrong with what a task needs and with its retry rule; the pointers are those of a submission.</summary>
    internal static List<FieldError> Check(Requirements? requirements, RetryRule? retry)
    {
        var errors = new List<FieldError>();
        void Wrong(string pointer, string detail, ErrorKind? kind) =>
            errors.Add(new FieldError(pointer, detail, (kind ?? ErrorKind.Validation).Code));

        CheckRequirements(requirements, Wrong);
        CheckRetry(retry, Wrong);
        return errors;
    }

    private static void CheckRequirements(Requirements? wanted, Action<string, string, ErrorKind?> wrong)
    {
        if (wanted is null) { return; }
        void Range(string field, double value, double max)
        {
            if (!double.IsFinite(value) || value < 0 || value > max)
            {
                wrong("#/requirements/" + field, $"0 to {max}", null);
            }
        }

        Range("cpu_cores", wanted.CpuCores, 1024);
        Range("memory_gb", wanted.MemoryGb, 65_536);
        Range("storage_gb", wanted.StorageGb, 1_048_576);
        Range("gpu_units", wanted.GpuUnits ?? 0, 64);
    }

    private static void CheckRouting(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        if (task.ResponderAgentId is { } responder && !IsAgentId(responder))
        {
            wrong("#/responder_agent_id", "1 to 64 characters from A-Z a-z 0-9 . _ -", null);
        }

        if (task.RequesterAgentId is { } requester && !IsTaskId(requester))
        {
            wrong("#/requester_agent_id", "1 to 128 characters from A-Z a-z 0-9 . _ : ~ -", null);
        }

        if (task is { Mode: TaskMode.Direct, ResponderAgentId: null })
        {
            wrong("#/responder_agent_id", "required when mode is direct", null);
        }

        if (task is { Mode: TaskMode.Routed, ResponderAgentId: not null })
        {
            wrong("#/mode", "a task with responder_agent_id is direct; leave mode out or say direct", null);
        }

        if (task.Mode == TaskMode.Unknown)
        {
            wrong("#/mode", "use routed, direct, broadcast or competitive", ErrorKind.UnsupportedRequest);
        }
    }

    private static void CheckPlaces(IReadOnlyList<string>? places, string pointer, Action<string, string, ErrorKind?> wrong)
    {
        if (places is { } given && (given.Count > PlacesMax || !given.All(place => place is { Length: 0 } or ['/', ..])))
        {
            wrong(pointer, $"at most {PlacesMax} JSON pointers such as /api_key", null);
        }
    }

    private static void CheckRetry(RetryRule? retry, Action<string, string, ErrorKind?> wrong)
    {
        if (retry?.MaxAttempts is < 1 or > 20) { wrong("#/retry/max_attempts", "1 to 20", null); }
        if (retry?.InitialBackoffS is { } initial && !(initial is >= 0 and <= 3600))
        {
            wrong("#/retry/initial_backoff_s", "0 to 3600 seconds", null);
        }

        if (retry?.MaxBackoffS is { } max && !(max is >= 0 and <= 86_400))
        {
            wrong("#/retry/max_backoff_s", "0 to 86400 seconds", null);
        }

        if (retry?.Jitter is { } jitter && !(jitter is >= 0 and <= 1)) { wrong("#/retry/jitter", "0 to 1, a share of the wait", null); }
        if (retry?.NonRetryableCodes is { } codes && (codes.Count > 32 || codes.Any(code => code is not { Length: > 0 and <= 64 })))
        {
            wrong("#/retry/non_retryable_codes", "at most 32 codes of 1 to 64 characters", null);
        }
    }
}
