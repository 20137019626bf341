using A2A.Micro.JsonSchema.Compilation;

namespace A2A.Micro.JsonSchema.Evaluation;

/// <summary>One validation: its budget, its mistakes, and which schema resources it is inside of.</summary>
internal sealed class Run(SchemaOptions options, bool tracks, bool collects)
{
    private readonly List<SchemaResource> _scope = [];
    private List<SchemaError>? _errors = collects ? [] : null;
    private int _steps;

    public IReadOnlyList<SchemaError> Errors => _errors ?? [];

    /// <summary>Nobody listens to mistakes: the first one is enough.</summary>
    public bool IsQuiet => _errors is null;

    /// <summary>The resources that were entered on the way here, the outermost first; where dynamic references look.</summary>
    public IReadOnlyList<SchemaResource> Scope => _scope;

    public SchemaOptions Options => options;

    /// <summary>Asks a subschema about a value.</summary>
    public bool Visit(SchemaNode node, in Spot spot)
    {
        Charge(1, spot.At);
        if (node.Always is { } always) { return always || Fail(spot.At, "false", "nothing is allowed here"); }
        if (_scope.Count >= options.DepthMax)
        {
            throw new LimitException(spot.At, $"more than {options.DepthMax} subschemas inside one another: too deep to be checked");
        }

        _scope.Add(node.Resource);
        var marks = tracks ? new Marks() : null;
        var own = spot with { Marks = marks };
        var valid = All(node.Keywords, own);
        // What a failed subschema looked at does not count, so these would complain about everything.
        valid = valid && All(node.Last, own);
        _scope.RemoveAt(_scope.Count - 1);
        if (valid && marks is not null) { spot.Marks?.Add(marks); }
        return valid;
    }

    /// <summary>As <see cref="Visit"/>, when a mistake is no mistake of the whole.</summary>
    public bool VisitQuietly(SchemaNode node, in Spot spot)
    {
        var outer = _errors;
        _errors = null;
        var valid = Visit(node, spot);
        _errors = outer;
        return valid;
    }

    /// <summary>As <see cref="Visit"/>, with the mistakes handed over instead of listed.</summary>
    public bool VisitApart(SchemaNode node, in Spot spot, out IReadOnlyList<SchemaError> errors)
    {
        var outer = _errors;
        _errors = outer is null ? null : [];
        var valid = Visit(node, spot);
        errors = Errors;
        _errors = outer;
        return valid;
    }

    /// <summary>Lists a mistake. Always false, so that a keyword can return it.</summary>
    public bool Fail(InstancePath at, string keyword, string message)
    {
        if (_errors is { } errors && errors.Count < options.ErrorsMax) { errors.Add(new SchemaError(at.ToString(), keyword, message)); }
        return false;
    }

    /// <summary>Lists mistakes that were handed over before. Always false.</summary>
    public bool Fail(IEnumerable<SchemaError> errors)
    {
        _errors?.AddRange(errors.Take(Math.Max(0, options.ErrorsMax - _errors.Count)));
        return false;
    }

    /// <summary>Pays for work.</summary>
    /// <exception cref="LimitException">The budget is used up.</exception>
    public void Charge(int steps, InstancePath at)
    {
        if ((_steps += steps) > options.StepsMax)
        {
            throw new LimitException(at, $"checking was given up after {options.StepsMax} steps: schema and value together are too much work");
        }
    }

    private bool All(List<Keyword> keywords, in Spot spot)
    {
        var valid = true;
        for (var i = 0; i < keywords.Count; i++)
        {
            if (keywords[i].Holds(spot, this)) { continue; }
            valid = false;
            if (IsQuiet) { break; }
        }

        return valid;
    }
}
