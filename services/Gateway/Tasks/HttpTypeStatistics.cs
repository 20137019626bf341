using System.Net.Http.Json;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Asks StateSync for history over HTTP. Whatever goes wrong on the way is one thing to the caller: it cannot be reached.</summary>
public sealed class HttpTypeStatistics(Func<HttpClient> http) : ITypeStatistics, ISystemStatistics
{
    /// <inheritdoc />
    public Task<TaskTypeStatistics> Of(string taskType, CancellationToken cancellation) =>
        Get<TaskTypeStatistics>("internal/state/task-types/" + Uri.EscapeDataString(taskType), cancellation);

    /// <inheritdoc />
    public Task<SystemStatistics> Read(CancellationToken cancellation) => Get<SystemStatistics>("internal/state/statistics", cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<string, long>> OpenByTenant(CancellationToken cancellation) =>
        Get<IReadOnlyDictionary<string, long>>("internal/state/statistics/tenants", cancellation);

    private async Task<T> Get<T>(string path, CancellationToken cancellation)
    {
        try
        {
            // One client per question: the factory renews the connections behind it.
            using var client = http();
            return await client.GetFromJsonAsync<T>(new Uri(path, UriKind.Relative), WireJson.Options, cancellation).ConfigureAwait(false)
                ?? throw new JsonException("an empty answer");
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested
            && e is HttpRequestException or OperationCanceledException or JsonException or IOException)
        {
            throw new ProtocolException(ErrorKind.Connection, "The history of tasks cannot be read at the moment; try again.");
        }
    }
}
