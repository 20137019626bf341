using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk;

/// <summary>Says a thing until it is said: waits 0.2 s after the first failure, twice as long after each further one, at most 5 s.</summary>
internal sealed class Insistence(IAgentVoice voice, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <exception cref="OperationCanceledException">The token fired before it was said.</exception>
    public async Task Send<T>(string endpoint, T message, CancellationToken cancellationToken) where T : class
    {
        for (var wait = First; ; wait = wait * 2 < Longest ? wait * 2 : Longest)
        {
            try
            {
                await voice.Send(endpoint, message, cancellationToken).WaitAsync(cancellationToken);
                return;
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                AgentLog.SendFailed(log, typeof(T).Name, endpoint, wait.TotalMilliseconds, fault.Message);
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }
}
