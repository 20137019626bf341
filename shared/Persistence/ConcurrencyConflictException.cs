namespace A2A.Micro.Persistence;

/// <summary>
/// Somebody else changed the row since it was read. The endpoint's immediate retry loads it again; nothing was written.
/// </summary>
/// <param name="message">Which row, for the log.</param>
public sealed class ConcurrencyConflictException(string message) : Exception(message);
