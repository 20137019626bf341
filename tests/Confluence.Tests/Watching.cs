using System.Text.Json;

namespace A2A.Micro.Confluence.Tests;

/// <summary>Reads an event stream beside a run, and remembers the versions of every task in the order in which they came.</summary>
internal sealed class Watching : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, List<long>> _seen = [];
    private readonly Task _reading;

    public Watching(HttpClient http, string path) => _reading = Read(http, path);

    /// <summary>The versions of a task so far.</summary>
    public IReadOnlyList<long> Of(string taskId)
    {
        lock (_seen) { return [.. _seen.GetValueOrDefault(taskId) ?? []]; }
    }

    /// <summary>The last version of a task so far; 0: none.</summary>
    public long Last(string taskId) => Of(taskId) is { Count: > 0 } seen ? seen[^1] : 0;

    /// <summary>Every task whose versions did not come in order.</summary>
    public IReadOnlyList<string> Disordered()
    {
        lock (_seen)
        {
            return [.. _seen.Where(task => !task.Value.SequenceEqual(task.Value.Distinct().Order())).Select(task => $"{task.Key}: {string.Join(' ', task.Value)}")];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task Read(HttpClient http, string path)
    {
        using var reply = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, _stop.Token);
        using var lines = new StreamReader(await reply.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(_stop.Token));
        while (await lines.ReadLineAsync(_stop.Token) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal) || !JsonElement.Parse(line[6..]).TryGetProperty("version", out var version)) { continue; }
            var task = JsonElement.Parse(line[6..]).GetProperty("task_id").GetString()!;
            lock (_seen)
            {
                if (!_seen.TryGetValue(task, out var versions)) { _seen[task] = versions = []; }
                versions.Add(version.GetInt64());
            }
        }
    }
}
