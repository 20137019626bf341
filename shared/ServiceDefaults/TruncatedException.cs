namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Stands for an exception whose text is too long for the headers of a message in an error queue (reliability 1.1). The original
/// was logged in full where it was caught; it is deliberately not the inner exception, because the bus would print that too.
/// </summary>
/// <param name="text">Type and beginning of the original, at most <see cref="ConsumerGuard.TextMax"/> characters.</param>
public sealed class TruncatedException(string text) : Exception(text);
