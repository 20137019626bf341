using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Shared;

/// <summary>Asks StateSync about what agents share.</summary>
public sealed class SharedStates(IServiceScopeFactory scopes, IOptions<GatewayOptions> options, TimeProvider clock)
{
    /// <summary>The time, for ids.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>What became of an update.</summary>
    /// <exception cref="ProtocolException">StateSync does not answer in time; the update may have been made.</exception>
    public Task<StateUpdated> Update(UpdateState update, CancellationToken cancellation) => Ask<UpdateState, StateUpdated>(update, cancellation);

    /// <summary>The values of a task.</summary>
    /// <exception cref="ProtocolException">StateSync does not answer in time.</exception>
    public async Task<IReadOnlyList<SharedState>> Read(string taskId, string? name, CancellationToken cancellation) =>
        (await Ask<ReadState, StateRead>(new ReadState { TaskId = taskId, Name = name }, cancellation).ConfigureAwait(false)).States;

    private async Task<TAnswer> Ask<TQuestion, TAnswer>(TQuestion question, CancellationToken cancellation)
        where TQuestion : class where TAnswer : class
    {
        using var limit = new CancellationTokenSource(options.Value.AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var client = scope.ServiceProvider.GetRequiredService<IRequestClient<TQuestion>>();
            return (await client.GetResponse<TAnswer>(question, either.Token).ConfigureAwait(false)).Message;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is OperationCanceledException or RequestException)
        {
            throw new ProtocolException(ErrorKind.Timeout, "StateSync did not answer in time; try again.");
        }
    }
}
