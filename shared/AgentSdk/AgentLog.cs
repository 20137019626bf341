using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk;

/// <summary>What an agent writes to its log.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(1, LogLevel.Information, "Agent {AgentId} announced itself, incarnation {Incarnation}")]
    public static partial void Announced(ILogger log, string agentId, long incarnation);

    [LoggerMessage(2, LogLevel.Information, "Accepted {TaskType} {TaskId}/{Attempt}")]
    public static partial void Accepted(ILogger log, string taskType, string taskId, int attempt);

    [LoggerMessage(3, LogLevel.Information, "Rejected {TaskType} {TaskId}/{Attempt}: {Code} {Reason}")]
    public static partial void Rejected(
        ILogger log, string taskType, string taskId, int attempt, string code, string? reason);

    [LoggerMessage(4, LogLevel.Information, "Dropped an offer of {TaskId}/{Attempt}: {Why}")]
    public static partial void OfferDropped(ILogger log, string taskId, int attempt, string why);

    [LoggerMessage(5, LogLevel.Information, "{TaskId}/{Attempt} ended: {Outcome} after {Milliseconds} ms")]
    public static partial void Ended(ILogger log, string taskId, int attempt, string outcome, long milliseconds);

    [LoggerMessage(6, LogLevel.Warning, "The handler of {TaskId}/{Attempt} failed")]
    public static partial void HandlerFailed(ILogger log, Exception fault, string taskId, int attempt);

    [LoggerMessage(7, LogLevel.Warning, "{Message} to {Endpoint} could not be sent, again in {Wait} ms: {Fault}")]
    public static partial void SendFailed(ILogger log, string message, string endpoint, double wait, string fault);

    [LoggerMessage(8, LogLevel.Error, "Agent {AgentId} lost its lease: {Count} running attempts are stopped")]
    public static partial void LeaseLost(ILogger log, string agentId, int count);

    [LoggerMessage(9, LogLevel.Information, "Agent {AgentId} drains {Count} running attempts")]
    public static partial void Draining(ILogger log, string agentId, int count);

    [LoggerMessage(10, LogLevel.Information, "Agent {AgentId} left")]
    public static partial void Left(ILogger log, string agentId);

    [LoggerMessage(11, LogLevel.Warning, "The handler for {TaskType} could not judge {TaskId}/{Attempt}: {Message}")]
    public static partial void CannotJudge(ILogger log, Exception? fault, string taskType, string taskId, int attempt, string? message);

    [LoggerMessage(15, LogLevel.Error, "The secrets of {TaskId}/{Attempt} could not be opened: {Why}")]
    public static partial void NotForUs(ILogger log, string taskId, int attempt, string why);

    [LoggerMessage(12, LogLevel.Debug, "Progress of {TaskId}/{Attempt} could not be sent: {Fault}")]
    public static partial void ProgressLost(ILogger log, string taskId, int attempt, string fault);

    [LoggerMessage(13, LogLevel.Warning, "A cancellation callback of {TaskId}/{Attempt} failed")]
    public static partial void CallbackFailed(ILogger log, Exception fault, string taskId, int attempt);

    [LoggerMessage(14, LogLevel.Warning, "{TaskId}/{Attempt} was {Outcome}; that was not reported")]
    public static partial void Unreported(ILogger log, string taskId, int attempt, string outcome);
}
