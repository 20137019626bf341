using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.ServiceDefaults;
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
    public async Task<StateUpdated> Update(UpdateState update, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(update);
        var answer = await Ask<UpdateState, StateUpdated>(update with { TaskId = Tenancy.In(update.TaskId) }, cancellation).ConfigureAwait(false);
        return answer with { State = Out(answer.State) };
    }

    /// <summary>The values of a task.</summary>
    /// <exception cref="ProtocolException">StateSync does not answer in time.</exception>
    public async Task<IReadOnlyList<SharedState>> Read(string taskId, string? name, CancellationToken cancellation) =>
    [
        .. (await Ask<ReadState, StateRead>(new ReadState { TaskId = Tenancy.In(taskId), Name = name }, cancellation).ConfigureAwait(false)).States
            .Select(Out),
    ];

    private static SharedState Out(SharedState state) => state with { TaskId = TenantNames.Outside(state.TaskId) };

    private async Task<TAnswer> Ask<TQuestion, TAnswer>(TQuestion question, CancellationToken cancellation)
        where TQuestion : class where TAnswer : class
    {
        using var limit = new CancellationTokenSource(options.Value.AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var client = scope.ServiceProvider.GetRequiredService<IRequestClient<TQuestion>>();
            return await client.Ask<TQuestion, TAnswer>(question, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is OperationCanceledException or RequestException)
        {
            throw new ProtocolException(ErrorKind.Timeout, "StateSync did not answer in time; try again.");
        }
    }
}
