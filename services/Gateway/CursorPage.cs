namespace A2A.Micro.Gateway;

/// <summary>One page of a list (conventions C8); <see cref="Paged"/> says the same in the header <c>Link</c>.</summary>
public abstract record CursorPage
{
    /// <summary>Pass it as <c>cursor</c> for the next page; absent at the end. It holds no secret and no authority.</summary>
    public string? NextCursor { get; init; }
}
