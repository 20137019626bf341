using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Tests;

/// <summary>A life that a list of bytes chose, step by step, so that a failing one shrinks to a short list.</summary>
internal static class AnyLife
{
    public static Life From(IEnumerable<byte> choices, string taskId = "t-1", bool liars = true)
    {
        var life = new Life(taskId).Submit();
        foreach (var choice in choices)
        {
            if (life.State.IsTerminal()) { break; }
            _ = Next(life, choice);
            if (liars && choice % 11 == 0) { Lie(life, choice); }
        }

        return life;
    }

    /// <summary>The messages in another order, some of them several times.</summary>
    public static IReadOnlyList<T> Shuffled<T>(IReadOnlyList<T> inputs, Random random)
    {
        var repeated = inputs.SelectMany(input => Enumerable.Repeat(input, random.Next(4) == 0 ? 2 + random.Next(2) : 1)).ToArray();
        random.Shuffle(repeated);
        return repeated;
    }

    private static Life Next(Life life, byte choice) => life.State switch
    {
        TaskState.Submitted => life.Queue(),
        TaskState.Queued => choice % 9 == 0 ? life.Move(TaskState.Cancelled) : life.Offer("agent-" + (choice % 3)),
        TaskState.Offered => choice % 4 == 0 ? life.Queue() : life.Run(),
        TaskState.Blocked => life.Queue(),
        TaskState.Paused => life.Run(),
        _ => InRunning(life, choice),
    };

    private static Life InRunning(Life life, byte choice) => (choice % 16) switch
    {
        0 => life.Complete(),
        1 => life.Fail("HANDLER_FAILED"),
        2 or 3 => life.Fail("AGENT_LOST", TaskState.Blocked),
        4 => life.Move(TaskState.Paused),
        5 => life.Move(TaskState.Running, TaskPhase.Cancelling),
        6 or 7 or 8 => life.Part(choice / 255.0, $"[{choice}]"),
        _ => life.Report(choice / 255.0, $"{choice} of 255"),
    };

    private static void Lie(Life life, byte choice) => _ = (choice % 5) switch
    {
        0 => life.Report(double.NaN, "not a number"),
        1 => life.Report(0.99, "not mine", Math.Max(1, life.Attempt), "agent-9"),
        2 => life.Report(1.5, "too far"),
        3 => life.Report(1, "done, I say", Math.Max(1, life.Attempt), "agent-1", TaskState.Completed),
        _ => life.Part(-1),
    };
}
