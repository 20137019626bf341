using Microsoft.Extensions.Configuration;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// <c>--healthcheck</c>: asks the host that runs beside it whether it is ready, for a container image without curl.
/// </summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>0 when ready, else 1.</summary>
    public static async Task<int> Ask(IConfiguration configuration)
    {
        var address = new Uri($"http://127.0.0.1:{Listening.LocalPort(configuration)}/health/ready");
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(address).ConfigureAwait(false);
            await Console.Out.WriteLineAsync(await answer.Content.ReadAsStringAsync().ConfigureAwait(false)).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Out.WriteLineAsync($"{address}: {e.Message}").ConfigureAwait(false);
            return 1;
        }
    }
}
