using System.ComponentModel.DataAnnotations;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Where task events go; section <c>A2A:Events</c>, so <c>A2A__Events__Publish</c> in the environment. Say the same to StateSync, which
/// publishes them, and to the Gateways, which read them for webhooks.
/// </summary>
public sealed class EventOptions
{
    /// <summary>The section.</summary>
    public const string Section = "A2A:Events";

    /// <summary>The topic of every event that is mapped to no other (requirement 32).</summary>
    public const string DefaultTopic = "task.events.default";

    internal const string TopicsRule = "A2A__Events__Topics: every entry needs an Event such as task.completed or task.* and a Topic of 1 to 64 "
        + "letters, digits, dots, dashes and underscores that is no queue of the system, see docs/operations.md.";

    /// <summary><c>when_heard</c> (nobody listening costs one message a second), <c>always</c>, <c>never</c>.</summary>
    [RegularExpression("when_heard|always|never", ErrorMessage = "A2A__Events__Publish must be when_heard, always or never.")]
    public string Publish { get; set; } = "when_heard";

    /// <summary>Events with a topic of their own; the first that covers an event counts. <c>A2A__Events__Topics__0__Event=task.completed</c>.</summary>
    public IList<EventTopic> Topics { get; } = [];

    /// <summary>The topic of an event of this name.</summary>
    public string TopicOf(string name) => Topics.FirstOrDefault(one => TypePattern.Covers(one.Event, name))?.Topic ?? DefaultTopic;

    /// <summary>Every topic that events may go to.</summary>
    public IReadOnlyList<string> AllTopics() => [DefaultTopic, .. Topics.Select(one => one.Topic).Distinct().Except([DefaultTopic])];
}

/// <summary>A kind of event with a topic of its own.</summary>
public sealed class EventTopic
{
    /// <summary>Name or pattern: <c>task.completed</c>, <c>task.*</c>.</summary>
    public string Event { get; set; } = "";

    /// <summary>The exchange, durable and fanout.</summary>
    public string Topic { get; set; } = "";

    /// <summary>Whether it says something.</summary>
    public bool IsSound => TaskEventName.IsPattern(Event) && TaskRules.IsAgentId(Topic) && !Endpoints.IsOurs(Topic);
}
