using System.ComponentModel.DataAnnotations;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.TaskTypes;

namespace A2A.Micro.Gateway;

/// <summary>What the Gateway can be told; section <c>A2A:Gateway</c>, so <c>A2A__Gateway__BacklogMax</c> in the environment.</summary>
public sealed class GatewayOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "A2A:Gateway";

    /// <summary>Largest body of one submission in bytes.</summary>
    [Range(1024, 16 * 1024 * 1024, ErrorMessage = "A2A__Gateway__BodyBytesMax must be 1024 to 16777216 bytes.")]
    public int BodyBytesMax { get; set; } = 5 * 1024 * 1024;

    /// <summary>Largest body of a batch in bytes.</summary>
    [Range(1024, 256 * 1024 * 1024, ErrorMessage = "A2A__Gateway__BatchBytesMax must be 1024 to 268435456 bytes.")]
    public int BatchBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>Largest <c>parameters</c> of one task in bytes.</summary>
    [Range(1024, 16 * 1024 * 1024, ErrorMessage = "A2A__Gateway__ParametersBytesMax must be 1024 to 16777216 bytes.")]
    public int ParametersBytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>Largest <c>metadata</c> of one task in bytes.</summary>
    [Range(256, 1024 * 1024, ErrorMessage = "A2A__Gateway__MetadataBytesMax must be 256 to 1048576 bytes.")]
    public int MetadataBytesMax { get; set; } = 16 * 1024;

    /// <summary>Most children of one task within a batch; as <c>A2A__Scheduler__ChildrenMax</c>, which decides about all of them.</summary>
    [Range(1, 1000, ErrorMessage = "A2A__Gateway__ChildrenMax must be 1 to 1000.")]
    public int ChildrenMax { get; set; } = FamilyRules.ChildrenMax;

    /// <summary>Accepted submissions that may wait for the broker before new ones are answered 429 (G18).</summary>
    [Range(1, 10_000_000, ErrorMessage = "A2A__Gateway__BacklogMax must be 1 to 10000000.")]
    public int BacklogMax { get; set; } = 50_000;

    /// <summary>
    /// How long a submission is remembered by its id and content, to answer its repeats; not longer than StateSync keeps the tasks.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = "A2A__Gateway__KeepSubmissions must be 00:01:00 to 3650.00:00:00.")]
    public TimeSpan KeepSubmissions { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a submission waits for its commit before the caller is told 503 (G19).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30", ErrorMessage = "A2A__Gateway__CommitTimeout must be 00:00:00.100 to 00:00:30.")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a control command or a question waits for its answer over the bus.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00", ErrorMessage = "A2A__Gateway__AnswerTimeout must be 00:00:00.100 to 00:01:00.")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a question to StateSync may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30", ErrorMessage = "A2A__Gateway__ReadTimeout must be 00:00:00.100 to 00:00:30.")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A waiting call looks again this often even when nothing woke it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = "A2A__Gateway__WaitReread must be 00:00:00.050 to 00:01:00.")]
    public TimeSpan WaitReread { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>An event stream looks again this often even when nothing woke it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = "A2A__Gateway__StreamReread must be 00:00:00.050 to 00:01:00.")]
    public TimeSpan StreamReread { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A silent event stream says a comment this often, so that nothing between us and the reader closes it (C7: at most 15 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:15", ErrorMessage = "A2A__Gateway__Heartbeat must be 00:00:00.050 to 00:00:15.")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Changed tasks that wait for one stream to be read before it is told to look at the list instead.</summary>
    [Range(1, 100_000, ErrorMessage = "A2A__Gateway__StreamBufferMax must be 1 to 100000.")]
    public int StreamBufferMax { get; set; } = 1000;

    /// <summary>The task types are asked for this often even when nothing woke us; agents may come and go in between.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00", ErrorMessage = "A2A__Gateway__TypesRefresh must be 00:00:00.100 to 00:10:00.")]
    public TimeSpan TypesRefresh { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the history of a type is remembered before it is asked for again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "A2A__Gateway__EstimatesFor must be 00:00:00 to 01:00:00.")]
    public TimeSpan EstimatesFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Completed tasks of a type below which history says nothing about deadlines.</summary>
    [Range(1, 1000, ErrorMessage = "A2A__Gateway__EstimateSamplesMin must be 1 to 1000.")]
    public int EstimateSamplesMin { get; set; } = 20;

    /// <summary>What tasks get where their submissions say nothing, by type or pattern; <c>A2A__Gateway__TypeDefaults__0__Type=data.*</c>.</summary>
    public IList<TypeDefault> TypeDefaults { get; } = [];

    /// <summary>Requests per second that one caller may send in the long run; 0: as many as it wants.</summary>
    [Range(0, 1_000_000, ErrorMessage = "A2A__Gateway__RequestsPerSecond must be 0 to 1000000; 0 means no limit.")]
    public int RequestsPerSecond { get; set; } = 20_000;

    /// <summary>Requests that one caller may send at once after a pause.</summary>
    [Range(1, 10_000_000, ErrorMessage = "A2A__Gateway__RequestsBurst must be 1 to 10000000.")]
    public int RequestsBurst { get; set; } = 60_000;

    /// <summary>
    /// Messages of one agent that the bus may refuse because of who said them, within <see cref="AgentRefusalsWithin"/>, before it gets no more work;
    /// 0: as many as it wants.
    /// </summary>
    [Range(0, 1_000_000, ErrorMessage = "A2A__Gateway__AgentRefusalsMax must be 0 to 1000000; 0 means that no agent is suspended.")]
    public int AgentRefusalsMax { get; set; } = 100;

    /// <summary>The span of time of <see cref="AgentRefusalsMax"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "A2A__Gateway__AgentRefusalsWithin must be 00:00:01 to 01:00:00.")]
    public TimeSpan AgentRefusalsWithin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often submissions are looked for that a Gateway accepted and was killed before it had sealed who handed them in.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00", ErrorMessage = "A2A__Gateway__AuditSweepInterval must be 00:00:01 to 00:30:00.")]
    public TimeSpan AuditSweepInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long after its start a Gateway judges the dead letters that another version refused because they did not fit, and how often from then on.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00", ErrorMessage = "A2A__Gateway__LettersReview must be 00:00:00.100 to 1.00:00:00.")]
    public TimeSpan LettersReview { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Most event streams and waiting calls of this process at once.</summary>
    [Range(1, 1_000_000, ErrorMessage = "A2A__Gateway__WatchersMax must be 1 to 1000000.")]
    public int WatchersMax { get; set; } = 10_000;
}

/// <summary>Where StateSync answers; section <c>StateSync</c>, so <c>StateSync__Url</c> in the environment.</summary>
public sealed class StateSyncOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "StateSync";

    /// <summary>Base address, http or https.</summary>
    [RegularExpression("https?://.+", ErrorMessage = "StateSync__Url must be an http or https address such as http://state-sync:8081.")]
    public string Url { get; set; } = "http://127.0.0.1:8081";
}
