using A2A.Micro.Persistence.Outbox;
using System.Diagnostics;
using System.Globalization;

namespace A2A.Micro.Persistence;

/// <summary>
/// Named places at which a test makes a process die, fail or hang (reliability 6.1). Armed by <c>A2A_FAILPOINTS</c>, a list separated
/// by commas of <c>name:action@n</c>; the action is <c>kill</c>, <c>throw</c> or <c>delay=milliseconds</c>, and n the only hit that
/// counts, every hit when it is left out. Refused in Production. Unarmed, a hit is a test for null. docs/reliability.md names the places.
/// </summary>
public static class Failpoints
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "A2A_FAILPOINTS";

    private static readonly FailpointPlan? Armed =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? FailpointPlan.Parse(text) : null;

    /// <summary>Whether any is armed.</summary>
    public static bool AreArmed => Armed is not null;

    /// <summary>Execution has come to this place.</summary>
    /// <exception cref="FailpointException">Armed to throw here.</exception>
    public static void Hit(string name) => Armed?.Hit(name);

    /// <summary>Execution has come to this place on behalf of that: its name is <c>place.what</c>.</summary>
    /// <param name="place">The place, such as <c>saga.after-commit</c>.</param>
    /// <param name="what">An endpoint or the name of an operation.</param>
    /// <exception cref="FailpointException">Armed to throw here.</exception>
    public static void Hit(string place, string what) => Armed?.Hit($"{place}.{what}");

    /// <summary>The same on behalf of a message: its name is <c>place.message</c> with the message's wire name.</summary>
    /// <exception cref="FailpointException">Armed to throw here.</exception>
    public static void Hit(string place, Type message)
    {
        if (Armed is null) { return; }
        var urn = MessageTypes.NameOf(message);
        Armed.Hit($"{place}.{urn[(urn.LastIndexOf(':') + 1)..]}");
    }
}

/// <summary>What a failpoint that is armed to throw throws.</summary>
/// <param name="name">Which.</param>
public sealed class FailpointException(string name) : Exception($"failpoint {name}");

/// <summary>A parsed list of failpoints that counts its hits.</summary>
public sealed class FailpointPlan
{
    private readonly Dictionary<string, Point> _points = new(StringComparer.Ordinal);

    private FailpointPlan()
    {
    }

    /// <summary>Reads the form described at <see cref="Failpoints"/>.</summary>
    /// <exception cref="FormatException">It is spelled wrongly; the text is for the operator.</exception>
    public static FailpointPlan Parse(string text)
    {
        var plan = new FailpointPlan();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, rest) = Cut(part, ':');
            var (action, count) = Cut(rest, '@');
            var (verb, amount) = Cut(action, '=');
            var known = name.Length > 0 && verb is "kill" or "throw" or "delay";
            if (!known || !Number(count, 0, out var only) || !Number(amount, 1000, out var milliseconds))
            {
                throw new FormatException(
                    $"{Failpoints.Variable} has '{part}': each entry is name:kill, name:throw or name:delay=milliseconds, then @n or nothing.");
            }

            plan._points[name] = new Point(verb, only, TimeSpan.FromMilliseconds(milliseconds));
        }

        return plan;
    }

    /// <summary>Execution has come to this place.</summary>
    /// <exception cref="FailpointException">Armed to throw here.</exception>
    public void Hit(string name)
    {
        if (!_points.TryGetValue(name, out var point)) { return; }
        var hit = Interlocked.Increment(ref point.Hits);
        if (point.Only != 0 && point.Only != hit) { return; }
        switch (point.Verb)
        {
            case "kill":
                Process.GetCurrentProcess().Kill(); // no finally block runs, as in a real crash
                break;
            case "throw":
                throw new FailpointException(name);
            default:
                using (var never = new ManualResetEventSlim()) { _ = never.Wait(point.Delay); }
                break;
        }
    }

    private static (string Left, string Right) Cut(string text, char at) =>
        text.IndexOf(at) is var i and >= 0 ? (text[..i], text[(i + 1)..]) : (text, "");

    private static bool Number(string text, int otherwise, out int number)
    {
        number = otherwise;
        return text.Length == 0 || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0);
    }

    private sealed class Point(string verb, int only, TimeSpan delay)
    {
        public int Hits;

        public string Verb { get; } = verb;

        public int Only { get; } = only;

        public TimeSpan Delay { get; } = delay;
    }
}
