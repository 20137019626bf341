namespace A2A.Micro.Persistence;

/// <summary>Somebody else changed the row since it was read. The endpoint's retry loads it again and decides anew.</summary>
public sealed class ConcurrencyConflictException(string message) : Exception(message);
