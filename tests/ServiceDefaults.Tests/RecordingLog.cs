using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults.Tests;

internal sealed record LogLine(string Category, LogLevel Level, EventId Id, string Text, Exception? Exception);

/// <summary>Keeps what a host logs.</summary>
internal sealed class RecordingLog : ILoggerProvider
{
    public ConcurrentQueue<LogLine> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, Lines);

    public void Dispose()
    {
    }

    private sealed class Recorder(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? e, Func<TState, Exception?, string> format) =>
            lines.Enqueue(new LogLine(category, level, id, format(state, e), e));
    }
}
