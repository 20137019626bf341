namespace A2A.Micro.Security.Signing;

/// <summary>
/// How far from now a signature may have been made. The past is long: what waits in a queue while its reader is down must not be lost, and a
/// message that comes twice within it is recognised by its id, which the inbox keeps for longer. The future is a skew of clocks.
/// </summary>
/// <param name="Past">Longest age.</param>
/// <param name="Future">Largest lead of the sender's clock.</param>
public readonly record struct ReplayWindow(TimeSpan Past, TimeSpan Future)
{
    /// <summary>Why it is refused: <c>EXPIRED</c> or <c>FROM_THE_FUTURE</c>; null: it is not.</summary>
    public string? Refuses(DateTimeOffset issuedAt, DateTimeOffset now) =>
        now - issuedAt > Past ? "EXPIRED" : issuedAt - now > Future ? "FROM_THE_FUTURE" : null;
}
