using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.TaskTypes;

/// <summary>
/// What this process knows about task types. The ResourceManager owns the answer; it is asked at start, whenever an agent has announced
/// itself, and now and then, because both of the others may be missed. Submissions use what is known and wait for nothing, but
/// for the first answer, and for one about a type of which nothing is known, and for either only a moment.
/// </summary>
public sealed partial class TypeDirectory(
    IServiceScopeFactory scopes, TimeProvider clock, IOptions<GatewayOptions> options, ILogger<TypeDirectory> log) : BackgroundService
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _asking = new(1);
    private readonly SemaphoreSlim _hint = new(0, 1);
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Task _learning = Task.CompletedTask;
    private long? _learnt;
    private volatile bool _isSilent;
    private volatile TypeCatalogue _known = TypeCatalogue.Empty(options.Value.TypeDefaults.AsReadOnly());

    /// <summary>What is known now.</summary>
    public async ValueTask<TypeCatalogue> Current(CancellationToken cancellation)
    {
        if (!_first.Task.IsCompleted)
        {
            await _first.Task.WaitAsync(Moment, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }

        return _known;
    }

    /// <summary>
    /// What is known after a question about types of which <paramref name="known"/> says nothing: their agents may have come just now. All who come while it is
    /// asked share the question and what is left of its moment. It is asked once a second at most, and when it was not answered not before the next refresh
    /// is; whoever comes in between goes by what is known.
    /// </summary>
    public async ValueTask<TypeCatalogue> Learn(TypeCatalogue known, CancellationToken cancellation)
    {
        if (!ReferenceEquals(known, _known)) { return _known; }
        if (Question() is { } question)
        {
            await question.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }

        return _known;
    }

    /// <summary>What the ResourceManager says now.</summary>
    /// <exception cref="ProtocolException">It does not answer.</exception>
    public async Task<TypeCatalogue> Ask(CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            using var limit = new CancellationTokenSource(options.Value.AnswerTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            await using var scope = scopes.CreateAsyncScope();
            var client = scope.ServiceProvider.GetRequiredService<IRequestClient<ListTaskTypes>>();
            var answer = await client.Ask<ListTaskTypes, TaskTypeList>(new ListTaskTypes(), either.Token).ConfigureAwait(false);
            _isSilent = false;
            return _known = _known.Next(answer);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is OperationCanceledException or RequestException)
        {
            _isSilent = true;
            throw new ProtocolException(ErrorKind.Timeout, "The ResourceManager did not answer in time; try again.");
        }
        finally
        {
            _ = _asking.Release();
        }
    }

    /// <summary>The types may be others now.</summary>
    public void Hint()
    {
        // One hint that waits is enough.
        try { _ = _hint.Release(); }
        catch (SemaphoreFullException) { }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        _asking.Dispose();
        _hint.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Refresh(stoppingToken).ConfigureAwait(false);
                using var pause = new CancellationTokenSource(options.Value.TypesRefresh, clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, stoppingToken);
                await _hint.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private Task? Question()
    {
        lock (_gate)
        {
            if (!_learning.IsCompleted) { return _learning; }
            // Whoever has waited for the first answer in vain has waited enough.
            if (_isSilent || !_first.Task.IsCompleted || (_learnt is { } last && clock.GetElapsedTime(last) < BetweenQuestions)) { return null; }
            _learnt = clock.GetTimestamp();
            return _learning = Task.Run(Learn);
        }
    }

    private async Task Learn()
    {
        var answer = Refresh(CancellationToken.None);
        await answer.WaitAsync(Moment, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A late answer is taken all the same, and ends the silence.
        if (!answer.IsCompleted) { _isSilent = true; }
    }

    private async Task Refresh(CancellationToken stopping)
    {
        try
        {
            _ = await Ask(stopping).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // what was known stays in use; the next round asks again, whatever went wrong in this one
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(log, e.Message);
        }

        _ = _first.TrySetResult();
    }

    [LoggerMessage(3020, LogLevel.Debug, "the task types could not be asked for; what is known stays in use: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);
}
