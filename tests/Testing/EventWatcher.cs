using System.Text.Json;

namespace A2A.Micro.Testing;

/// <summary>
/// Reads an event stream beside a run, as a browser would: comes again with the last id when the stream breaks. Remembers the versions of every task in the
/// order in which they came; a version that is said once more after a break counts once.
/// </summary>
public sealed class EventWatcher : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<string, List<long>> seen = [];
    private readonly List<string> disordered = [];
    private readonly Task reading;
    private string? lastId;

    /// <summary>Begins to read.</summary>
    public EventWatcher(HttpClient http, string path) => reading = Read(http, path);

    /// <summary>What went back within one connection.</summary>
    public IReadOnlyList<string> Disordered
    {
        get
        {
            lock (seen) { return [.. disordered]; }
        }
    }

    /// <summary>The versions of a task so far.</summary>
    public IReadOnlyList<long> Of(string taskId)
    {
        lock (seen) { return [.. seen.GetValueOrDefault(taskId) ?? []]; }
    }

    /// <summary>The last version of a task so far; 0: none.</summary>
    public long Last(string taskId) => Of(taskId) is { Count: > 0 } versions ? versions[^1] : 0;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task Read(HttpClient http, string path)
    {
        while (true)
        {
            try
            {
                await ReadOnce(http, path);
            }
            catch (Exception e) when (!stop.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
            {
                // Who answered has gone; somebody will be there again.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop.Token);
        }
    }

    private async Task ReadOnce(HttpClient http, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (lastId is not null) { request.Headers.Add("Last-Event-ID", lastId); }
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
        if (!reply.IsSuccessStatusCode || reply.Content.Headers.ContentType?.MediaType != "text/event-stream") { return; }
        using var lines = new StreamReader(await reply.Content.ReadAsStreamAsync(stop.Token));
        var here = new Dictionary<string, long>();
        while (await lines.ReadLineAsync(stop.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) { lastId = line[4..]; }
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) { continue; }
            var data = JsonElement.Parse(line[6..]);
            if (data.TryGetProperty("version", out var version)) { Note(data.GetProperty("task_id").GetString()!, version.GetInt64(), here); }
        }
    }

    private void Note(string taskId, long version, Dictionary<string, long> here)
    {
        lock (seen)
        {
            if (here.TryGetValue(taskId, out var before) && version <= before) { disordered.Add($"{taskId}: {version} after {before}"); }
            here[taskId] = version;
            if (!seen.TryGetValue(taskId, out var versions)) { seen[taskId] = versions = []; }
            if (versions.Count == 0 || version > versions[^1]) { versions.Add(version); }
        }
    }
}
