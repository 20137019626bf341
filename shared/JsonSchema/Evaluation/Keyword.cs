namespace A2A.Micro.JsonSchema.Evaluation;

/// <summary>One keyword, or several that only make sense together, ready to be asked.</summary>
internal abstract class Keyword
{
    /// <summary>Whether it is content with the value; what it is not content with it tells the run.</summary>
    public abstract bool Holds(in Spot spot, Run run);
}
