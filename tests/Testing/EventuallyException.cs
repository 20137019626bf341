namespace A2A.Micro.Testing;

/// <summary>What a test waited for did not come about; the message says what was last seen instead.</summary>
/// <param name="message">What was waited for, how long, and what was seen.</param>
/// <param name="inner">The exception that the last look ended with, if it did.</param>
public sealed class EventuallyException(string message, Exception? inner = null) : Exception(message, inner);
