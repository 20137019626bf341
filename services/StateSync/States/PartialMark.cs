using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// How far the partial results of an attempt have come. They are numbered by their agent and may overtake each other on the way, so the mark knows
/// which of the 64 before the last one are there. Those of agents that do not number theirs count in the order of portion and time. Pure.
/// </summary>
/// <param name="Portion">Of the last one, 0..1.</param>
/// <param name="AtMs">When the agent said the last one, in milliseconds since 1970.</param>
/// <param name="Number">Number of the last one, from 1; 0: it had none.</param>
/// <param name="Before">Bit k: number <c>Number - 1 - k</c> is there.</param>
public readonly record struct PartialMark(double Portion, long AtMs, int Number = 0, ulong Before = 0)
{
    /// <summary>How many before the last one are told from each other.</summary>
    public const int Window = 64;

    /// <summary>The mark after a partial result, or why it says nothing new.</summary>
    /// <param name="last">The mark of the attempt; null before its first one.</param>
    /// <param name="partial">A partial result of that attempt.</param>
    /// <param name="refusal">Null when it counts.</param>
    public static PartialMark After(PartialMark? last, TaskPartial partial, out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(partial);
        var said = new PartialMark(partial.CompletedPortion, partial.Timestamp.ToUnixTimeMilliseconds(), partial.Number ?? 0);
        refusal = null;
        return last is not { } before ? said
            : partial.Number is null ? before.Next(said, out refusal)
            : said.Number <= before.Number ? before.Fill(said.Number, out refusal)
            : said with { Before = before.Shift(said.Number - before.Number) };
    }

    private PartialMark Next(PartialMark said, out Refusal? refusal)
    {
        var order = (said.Portion, said.AtMs).CompareTo((Portion, AtMs));
        refusal = order > 0 ? null
            : order == 0 ? new Refusal(RefusalKind.Repeated, "the partial result is known already")
            : new Refusal(RefusalKind.ProgressBack, $"portion {said.Portion} comes after {Portion}");
        return refusal is null ? this with { Portion = said.Portion, AtMs = said.AtMs } : this;
    }

    // One that was overtaken: it adds to what is there, and the last one stays the last.
    private PartialMark Fill(int number, out Refusal? refusal)
    {
        var behind = Number - 1 - number;
        refusal = behind >= Window ? new Refusal(RefusalKind.ProgressBack, $"partial result {number} comes more than {Window} behind {Number}")
            : behind < 0 || (Before >> behind & 1) != 0 ? new Refusal(RefusalKind.Repeated, $"partial result {number} is known already")
            : null;
        return refusal is null ? this with { Before = Before | 1UL << behind } : this;
    }

    // What was the last one is one of those before, unless it had no number.
    private ulong Shift(int ahead) =>
        Number == 0 || ahead > Window ? 0 : (ahead == Window ? 0 : Before << ahead) | 1UL << ahead - 1;
}
