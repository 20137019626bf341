using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Is what a submission says about its place well formed? Pure; a part of <see cref="TaskRules"/>.</summary>
public static class PlacementRules
{
    /// <summary>Most constraints, and most preferences, of one task.</summary>
    public const int ConstraintsMax = 64;

    /// <summary>Most values of one constraint.</summary>
    public const int ValuesMax = 32;

    /// <summary>Names every mistake.</summary>
    internal static void Check(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        if (task.Constraints is { Count: > ConstraintsMax }) { wrong("#/constraints", $"at most {ConstraintsMax}", null); }
        foreach (var (i, one) in (task.Constraints ?? []).Take(ConstraintsMax).Index())
        {
            Check($"#/constraints/{i}", one.Label, one.Op, one.Value, one.Values, wrong);
        }

        if (task.Preferences is { Count: > ConstraintsMax }) { wrong("#/preferences", $"at most {ConstraintsMax}", null); }
        foreach (var (i, one) in (task.Preferences ?? []).Take(ConstraintsMax).Index())
        {
            Check($"#/preferences/{i}", one.Label, one.Op, one.Value, one.Values, wrong);
            if (one.Weight is < 1 or > 100) { wrong($"#/preferences/{i}/weight", "1 to 100", null); }
        }

        if (task.Strategy == PlacementStrategy.Unknown) { wrong("#/strategy", "spread or pack", null); }
        if (task.OnInfeasible == OnInfeasible.Unknown) { wrong("#/on_infeasible", "reject or wait", null); }
    }

    private static void Check(
        string pointer, string label, LabelOp op, string? value, IReadOnlyList<string>? values, Action<string, string, ErrorKind?> wrong)
    {
        if (!AgentLabels.IsName(label)) { wrong(pointer + "/label", AgentLabels.NameForm, null); }
        switch (op)
        {
            case LabelOp.Eq or LabelOp.Ne:
                if (!AgentLabels.IsValue(value)) { wrong(pointer + "/value", "required: " + AgentLabels.ValueForm, null); }
                if (values is not null) { wrong(pointer + "/values", "eq and ne compare with value", null); }
                break;
            case LabelOp.In or LabelOp.NotIn:
                if (values is not { Count: >= 1 and <= ValuesMax } || !values.All(AgentLabels.IsValue))
                {
                    wrong(pointer + "/values", $"required: 1 to {ValuesMax} texts, each {AgentLabels.ValueForm}", null);
                }

                if (value is not null) { wrong(pointer + "/value", "in and not_in compare with values", null); }
                break;
            case LabelOp.Exists:
                if (value is not null || values is not null) { wrong(pointer + "/value", "exists compares with nothing", null); }
                break;
            default:
                wrong(pointer + "/op", "eq, ne, in, not_in or exists", null);
                break;
        }
    }
}
