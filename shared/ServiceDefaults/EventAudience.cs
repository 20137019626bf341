namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Who listens to task events inside this process. Where messages stay in the process no broker can say that nobody does, and an event
/// for nobody would be written all the same.
/// </summary>
public sealed class EventAudience
{
    private volatile bool _isHere;

    /// <summary>Whether somebody listens.</summary>
    public bool IsHere
    {
        get => _isHere;
        set => _isHere = value;
    }
}
