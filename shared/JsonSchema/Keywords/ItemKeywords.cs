using System.Text.Json;
using A2A.Micro.JsonSchema.Compilation;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary><c>prefixItems</c> and <c>items</c>: the latter takes what the former leaves.</summary>
internal sealed class Items(SchemaNode[] first, SchemaNode? others) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Array) { return true; }
        var (valid, index) = (true, 0);
        foreach (var item in spot.Instance.EnumerateArray())
        {
            var schema = index < first.Length ? first[index] : others;
            if (schema is null) { break; }
            var inner = spot.Item(index++, item);
            valid &= schema.Always == false
                ? run.Fail(inner.At, "items", $"at most {first.Length} items are allowed here")
                : run.Visit(schema, inner);
            if (!valid && run.IsQuiet) { return false; }
        }

        spot.Marks?.Leading(index);
        return valid;
    }
}

/// <summary><c>contains</c> with <c>minContains</c> and <c>maxContains</c>.</summary>
internal sealed class Contains(SchemaNode wanted, int least, int? most) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Array) { return true; }
        var (found, index) = (0, 0);
        foreach (var item in spot.Instance.EnumerateArray())
        {
            if (run.VisitQuietly(wanted, spot.Item(index, item)))
            {
                found++;
                spot.Marks?.Item(index);
            }

            index++;
        }

        if (found < least) { return run.Fail(spot.At, "contains", $"at least {least} of its items must be of the wanted kind; {found} are"); }
        return found <= (most ?? int.MaxValue)
            || run.Fail(spot.At, "maxContains", $"at most {most} of its items may be of the wanted kind; {found} are");
    }
}

/// <summary><c>unevaluatedItems</c>: for the items that no other keyword has looked at.</summary>
internal sealed class UnevaluatedItems(SchemaNode schema) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Array) { return true; }
        var (valid, index) = (true, 0);
        foreach (var item in spot.Instance.EnumerateArray())
        {
            if (!spot.Marks!.HasItem(index))
            {
                run.Charge(1, spot.At);
                var inner = spot.Item(index, item);
                valid &= schema.Always == false
                    ? run.Fail(inner.At, "unevaluatedItems", "is one item too many")
                    : run.Visit(schema, inner);
            }

            index++;
        }

        spot.Marks!.Leading(index);
        return valid;
    }
}

/// <summary><c>uniqueItems</c>. Equal values have equal hashes, so only those are compared.</summary>
internal sealed class UniqueItems : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Array) { return true; }
        var seen = new Dictionary<int, List<(int Index, JsonElement Item)>>();
        var index = 0;
        foreach (var item in spot.Instance.EnumerateArray())
        {
            var cost = 1 + item.GetRawText().Length / 16;
            run.Charge(cost, spot.At);
            var hash = StructuralHash.Of(item);
            if (!seen.TryGetValue(hash, out var others)) { seen[hash] = others = []; }
            foreach (var (earlier, other) in others)
            {
                run.Charge(cost, spot.At);
                if (!JsonElement.DeepEquals(item, other)) { continue; }
                return run.Fail(spot.At.Item(index), "uniqueItems", $"is the same as item {earlier}; every item may be there once");
            }

            others.Add((index++, item));
        }

        return true;
    }
}
