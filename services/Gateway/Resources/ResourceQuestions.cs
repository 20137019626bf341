using A2A.Micro.Contracts.Errors;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Resources;

/// <summary>Asks the ResourceManager, which owns the answers.</summary>
public sealed class ResourceQuestions(IServiceScopeFactory scopes, TimeProvider clock)
{
    /// <summary>Its answer.</summary>
    /// <exception cref="ProtocolException">It does not answer in time.</exception>
    public async Task<TAnswer> Ask<TQuestion, TAnswer>(TQuestion question, TimeSpan patience, CancellationToken cancellation)
        where TQuestion : class where TAnswer : class
    {
        using var limit = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var client = scope.ServiceProvider.GetRequiredService<IRequestClient<TQuestion>>();
            return await client.Ask<TQuestion, TAnswer>(question, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is OperationCanceledException or RequestException)
        {
            throw new ProtocolException(ErrorKind.Timeout, "The ResourceManager did not answer in time; try again.");
        }
    }
}
