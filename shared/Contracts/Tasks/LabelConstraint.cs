using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>How a label is compared.</summary>
public enum LabelOp
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>The label has this value.</summary>
    Eq,

    /// <summary>The label has another value, or the agent does not have it.</summary>
    Ne,

    /// <summary>The label has one of these values.</summary>
    In,

    /// <summary>The label has none of these values, or the agent does not have it.</summary>
    NotIn,

    /// <summary>The agent has the label, with whatever value.</summary>
    Exists,
}

/// <summary>
/// What a label of an agent must say for a task to go there. <c>a2a.agent_id</c> and <c>a2a.version</c> (of the agent's program) are labels
/// that every agent has without announcing them.
/// </summary>
public sealed record LabelConstraint
{
    /// <summary>Name of the label.</summary>
    public string Label { get; init; } = "";

    /// <summary>How it is compared.</summary>
    public LabelOp Op { get; init; }

    /// <summary>With <c>eq</c> and <c>ne</c>: the value.</summary>
    public string? Value { get; init; }

    /// <summary>With <c>in</c> and <c>not_in</c>: the values, 1 to 32.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Whether it holds for an agent.</summary>
    public bool Holds(IAgentShape agent) => Holds(agent, Label, Op, Value, Values);

    /// <summary>For a person: <c>zone=eu</c>, <c>zone!=eu</c>, <c>zone in (eu, us)</c>, <c>zone not in (eu, us)</c>, <c>zone exists</c>.</summary>
    public override string ToString() => Op switch
    {
        LabelOp.Eq => $"{Label}={Value}",
        LabelOp.Ne => $"{Label}!={Value}",
        LabelOp.In => $"{Label} in ({string.Join(", ", Values ?? [])})",
        LabelOp.NotIn => $"{Label} not in ({string.Join(", ", Values ?? [])})",
        LabelOp.Exists => $"{Label} exists",
        _ => $"{Label} ?",
    };

    /// <inheritdoc />
    public bool Equals(LabelConstraint? other) =>
        other is not null && Label == other.Label && Op == other.Op && Value == other.Value && (Values ?? []).SequenceEqual(other.Values ?? []);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Label, Op, Value);

    /// <summary>The comparison itself; what is not understood never holds.</summary>
    internal static bool Holds(IAgentShape agent, string label, LabelOp op, string? value, IReadOnlyList<string>? values)
    {
        var has = AgentLabels.Find(agent, label);
        return op switch
        {
            LabelOp.Eq => has is not null && has == value,
            LabelOp.Ne => has != value,
            LabelOp.In => has is not null && values?.Contains(has) == true,
            LabelOp.NotIn => has is null || values?.Contains(has) != true,
            LabelOp.Exists => has is not null,
            _ => false,
        };
    }
}

/// <summary>What a label of an agent should rather say: agents for which it holds are taken first, the others are not excluded.</summary>
public sealed record LabelPreference
{
    /// <summary>Name of the label.</summary>
    public string Label { get; init; } = "";

    /// <summary>How it is compared.</summary>
    public LabelOp Op { get; init; }

    /// <summary>With <c>eq</c> and <c>ne</c>: the value.</summary>
    public string? Value { get; init; }

    /// <summary>With <c>in</c> and <c>not_in</c>: the values, 1 to 32.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>What it is worth, 1 to 100; the weights of all that hold for an agent are added up.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Whether it holds for an agent.</summary>
    public bool Holds(IAgentShape agent) => LabelConstraint.Holds(agent, Label, Op, Value, Values);

    /// <inheritdoc />
    public bool Equals(LabelPreference? other) =>
        other is not null && Label == other.Label && Op == other.Op && Value == other.Value && Weight == other.Weight
        && (Values ?? []).SequenceEqual(other.Values ?? []);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Label, Op, Value, Weight);
}
