namespace A2A.Micro.Security.Identity;

/// <summary>What a credential lets its bearer do. Each is a word on the wire: <see cref="ScopeWords"/>.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>tasks:submit</c>: hand in tasks, batches, workflows.</summary>
    TasksSubmit = 1,

    /// <summary><c>tasks:read</c>: read tasks and what became of them.</summary>
    TasksRead = 2,

    /// <summary><c>tasks:cancel</c>: cancel, pause, resume and change tasks.</summary>
    TasksCancel = 4,

    /// <summary><c>tasks:admin</c>: dead letters, webhooks, bulk commands, keys.</summary>
    TasksAdmin = 8,

    /// <summary><c>agents:read</c>: see agents, types, resources and the line.</summary>
    AgentsRead = 16,

    /// <summary><c>agents:admin</c>: steer and enrol agents.</summary>
    AgentsAdmin = 32,

    /// <summary><c>state:watch</c>: follow tasks as a stream.</summary>
    StateWatch = 64,

    /// <summary><c>audit:read</c>: read the audit.</summary>
    AuditRead = 128,

    /// <summary><c>metrics:read</c>: read the figures of the process.</summary>
    MetricsRead = 256,

    /// <summary>Everything.</summary>
    All = 511,
}

/// <summary>Scopes and roles as words. A role is a name for a set of scopes and nothing else.</summary>
public static class ScopeWords
{
    private static readonly (string Word, Scopes Scope)[] Words =
    [
        ("tasks:submit", Scopes.TasksSubmit), ("tasks:read", Scopes.TasksRead), ("tasks:cancel", Scopes.TasksCancel),
        ("tasks:admin", Scopes.TasksAdmin), ("agents:read", Scopes.AgentsRead), ("agents:admin", Scopes.AgentsAdmin),
        ("state:watch", Scopes.StateWatch), ("audit:read", Scopes.AuditRead), ("metrics:read", Scopes.MetricsRead),
    ];

    private const Scopes Viewer = Scopes.TasksRead | Scopes.AgentsRead | Scopes.StateWatch;
    private const Scopes Submitter = Viewer | Scopes.TasksSubmit | Scopes.TasksCancel;

    private static readonly (string Word, Scopes Scopes)[] NamedSets =
    [
        ("viewer", Viewer), ("submitter", Submitter), ("agent", Scopes.TasksSubmit | Scopes.TasksRead | Scopes.StateWatch),
        ("operator", Submitter | Scopes.TasksAdmin | Scopes.AgentsAdmin | Scopes.MetricsRead), ("admin", Scopes.All),
    ];

    /// <summary>The names of all scopes.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Words.Select(one => one.Word)];

    /// <summary>The names of all roles.</summary>
    public static IReadOnlyList<string> Roles { get; } = [.. NamedSets.Select(one => one.Word)];

    /// <summary>The scope of a word; none for a word that is not known.</summary>
    public static Scopes Of(string word) => Words.FirstOrDefault(one => one.Word == word).Scope;

    /// <summary>The scopes of a role; null for a name that is not known.</summary>
    public static Scopes? OfRole(string role) => NamedSets.FirstOrDefault(one => one.Word == role) is { Word: not null } found ? found.Scopes : null;

    /// <summary>Words separated by blanks, as in a token; words that are not known say nothing to us.</summary>
    public static Scopes Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate(Scopes.None, (all, word) => all | Of(word));
    }

    /// <summary>The words of a set.</summary>
    public static IReadOnlyList<string> Print(Scopes scopes) => [.. Words.Where(one => scopes.HasFlag(one.Scope)).Select(one => one.Word)];
}
