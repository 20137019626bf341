namespace A2A.Micro.Contracts.Tasks;

/// <summary>What becomes of a child that has not ended when its parent ends (requirement 81).</summary>
public enum ParentEnd
{
    /// <summary>A word of a newer version of the protocol; treated as <see cref="CancelOnFailure"/>.</summary>
    Unknown = 0,

    /// <summary>It goes on when the parent has completed, and is cancelled when the parent ended in any other way. The default.</summary>
    CancelOnFailure,

    /// <summary>It is cancelled, however the parent ended: what it would come to is of no use to anybody else.</summary>
    Cancel,

    /// <summary>It goes on, however the parent ended.</summary>
    Continue,
}
