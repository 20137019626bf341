using System.Text.Json;

namespace A2A.Micro.JsonSchema.Evaluation;

/// <summary>One value of the instance, where it is, and what has been looked at in it so far.</summary>
internal readonly record struct Spot(JsonElement Instance, InstancePath At, Marks? Marks)
{
    /// <summary>A member of this object, as a value of its own.</summary>
    public Spot Member(string name, JsonElement value) => new(value, At.Member(name), null);

    /// <summary>An item of this array, as a value of its own.</summary>
    public Spot Item(int index, JsonElement value) => new(value, At.Item(index), null);
}
