using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk;

/// <summary>Says a thing until it is said: waits 0.2 s after the first failure, twice as long after each further one, at most 5 s.</summary>
internal sealed class Insistence(IAgentVoice voice, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <exception cref="OperationCanceledException">The token fired before it was said.</exception>
    public Task Send<T>(string endpoint, T message, CancellationToken cancellationToken) where T : class => Insist<T, bool>(endpoint, async () =>
    {
        await voice.Send(endpoint, message, cancellationToken).WaitAsync(cancellationToken);
        return true;
    }, cancellationToken);

    /// <summary>Asks until it is answered.</summary>
    /// <exception cref="OperationCanceledException">The token fired before it was answered.</exception>
    public Task<TAnswer> Ask<TQuestion, TAnswer>(string endpoint, TQuestion question, CancellationToken cancellationToken)
        where TQuestion : class where TAnswer : class => Insist<TQuestion, TAnswer>(
            endpoint, () => voice.Ask<TQuestion, TAnswer>(endpoint, question, cancellationToken).WaitAsync(cancellationToken), cancellationToken);

    private async Task<TAnswer> Insist<T, TAnswer>(string endpoint, Func<Task<TAnswer>> attempt, CancellationToken cancellationToken)
    {
        for (var wait = First; ; wait = wait * 2 < Longest ? wait * 2 : Longest)
        {
            try
            {
                return await attempt();
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                AgentLog.SendFailed(log, typeof(T).Name, endpoint, wait.TotalMilliseconds, fault.Message);
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }
}
