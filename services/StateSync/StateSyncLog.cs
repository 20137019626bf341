using A2A.Micro.StateSync.States;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.StateSync;

internal static partial class StateSyncLog
{
    [LoggerMessage(4001, LogLevel.Warning, "Refused a message about task {TaskId}: {Detail}")]
    public static partial void Malformed(ILogger log, string taskId, string detail);

    [LoggerMessage(4002, LogLevel.Debug, "A message about task {TaskId} changes nothing ({Kind}): {Detail}")]
    public static partial void Refused(ILogger log, string taskId, RefusalKind kind, string detail);

    [LoggerMessage(4003, LogLevel.Warning,
        "Task {TaskId} does not move on: step {FirstHeld} has waited since {Since:O} for the one before it, which is asked for")]
    public static partial void Gap(ILogger log, string taskId, long firstHeld, DateTimeOffset since);

    [LoggerMessage(4004, LogLevel.Information, "Dropped {Count} reports whose attempt did not begin in time")]
    public static partial void ReportsDropped(ILogger log, int count);

    [LoggerMessage(4005, LogLevel.Error, "The document of task {TaskId} differs from its history: {Mismatch}")]
    public static partial void Mismatch(ILogger log, string taskId, string mismatch);

    [LoggerMessage(4007, LogLevel.Information, "Removed {Count} tasks that ended long ago")]
    public static partial void Retired(ILogger log, int count);

    [LoggerMessage(4006, LogLevel.Warning, "The document of task {TaskId} was brought back to its history: version {Version}")]
    public static partial void Mended(ILogger log, string taskId, long version);
}
