namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Claims that fit the same agents and go on the same account, and those of one requester in the order of their first claims.</summary>
/// <param name="requester">On whose account.</param>
/// <param name="first">The first of them.</param>
/// <param name="compare">Which of two slots has the claim that stands before the other.</param>
internal sealed class LineClass(RequesterQueue requester, ResourceClaim first, Comparison<int> compare)
{
    // The place of the first lies here as well: it is what is compared.
    private ResourceClaim _head = first;
    private LineKey _place = first.Line;

    /// <summary>The order of classes: that of their first claims.</summary>
    public static int Compare(LineClass one, LineClass other) => LineKey.Compare(in one._place, in other._place);

    /// <summary>On whose account.</summary>
    public RequesterQueue Requester => requester;

    /// <summary>The slots of all of them, in order.</summary>
    public PlaceOrder<int> Slots { get; } = new(compare);

    /// <summary>
    /// The first of them, whole: it says what all share, in the same words. It stays when the last one has left, so that the class can still be found
    /// by its place.
    /// </summary>
    public ResourceClaim Head
    {
        get => _head;
        set => (_head, _place) = (value, value.Line);
    }
}

/// <summary>What waits on the account of one requester.</summary>
/// <param name="name">The requester.</param>
internal sealed class RequesterQueue(string name)
{
    /// <summary>Whose.</summary>
    public string Name => name;

    /// <summary>Its classes.</summary>
    public PlaceOrder<LineClass> Classes { get; } = new(LineClass.Compare);

    /// <summary>Its share as it was reckoned last; <see cref="double.NaN"/> when it may be another one now.</summary>
    public double Share { get; set; } = double.NaN;

    /// <summary>Who reckoned it: another one has other weights, or another fleet.</summary>
    public object? SharedBy { get; set; }
}
