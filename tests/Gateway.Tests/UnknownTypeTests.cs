using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.TaskTypes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tests;

/// <summary>A type of which nothing is known is asked for before a submission is judged: seldom, together, and not for long.</summary>
[Trait("Requirement", "86")]
[Trait("Requirement", "98")]
public sealed class UnknownTypeTests : IAsyncDisposable
{
    private const string Schema = """{"type":"object","properties":{"to":{"type":"string"}},"required":["to"]}""";
    private readonly ManualClock _clock = new();
    private readonly Answering _answering = new();
    private readonly ServiceProvider _services;
    private readonly TypeDirectory _directory;

    public UnknownTypeTests()
    {
        _services = new ServiceCollection().AddScoped(_ => Proxy<IRequestClient<ListTaskTypes>>.Over(_ => _answering.Ask())).BuildServiceProvider();
        _directory = new TypeDirectory(
            _services.GetRequiredService<IServiceScopeFactory>(), _clock, Options.Create(new GatewayOptions()), NullLogger<TypeDirectory>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _directory.StopAsync(CancellationToken.None);
        _directory.Dispose();
        await _services.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/tasks", """{"task_id":"t","task_type":"fax.send","parameters":{"to":1}}""", "#/parameters/to")]
    [InlineData("/v1/tasks:batch", """{"tasks":[{"task_id":"t","task_type":"fax.send","parameters":{"to":1}}]}""", "#/tasks/0/parameters/to")]
    public async Task The_first_submission_of_a_type_that_has_just_been_announced_is_checked_and_filled_in(string path, string wrong, string pointer)
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:TypesRefresh", "00:10:00"));
        _ = await host.Services.GetRequiredService<TypeDirectory>().Ask(CancellationToken.None);
        host.Neighbours.Types.Add(TaskTypeTests.Type("fax.send", Schema, new TaskTypeProfile { Priority = 4 }));
        using var refused = await host.Post(path, wrong);
        Assert.Equal([pointer], (await refused.Problem(422, "INVALID_PARAMETERS")).Pointers());

        var asked = host.Neighbours.TypeQuestions;
        using var accepted = await host.Post(path, wrong.Replace("1", "\"me\"", StringComparison.Ordinal));
        Assert.InRange((int)accepted.StatusCode, 200, 202);
        await Eventually.True(() => host.Neighbours.Submitted.Any(task => task is { TaskId: "t", Priority: 4 }), "it has the priority of its type");
        Assert.Equal(asked, host.Neighbours.TypeQuestions);
    }

    [Fact]
    public async Task All_who_come_at_once_share_a_question_and_there_is_one_a_second_at_most()
    {
        var known = await Started();
        _answering.Answer = new TaskCompletionSource<TaskTypeList>(TaskCreationOptions.RunContinuationsAsynchronously);
        var many = Enumerable.Range(0, 1000).Select(_ => Learn(known)).ToList();
        await Eventually.True(() => _answering.Asked == 2, "it is asked");
        _answering.Answer.SetResult(new TaskTypeList { Types = [TaskTypeTests.Type("fax.send", Schema)], Agents = [] });
        foreach (var learnt in await Task.WhenAll(many)) { Assert.Equal("fax.send", learnt.Types.Single().Name); }

        known = await Learn(await _directory.Current(CancellationToken.None));
        Assert.Equal(2, _answering.Asked);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _ = await Learn(known);
        Assert.Equal(3, _answering.Asked);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_a_moment_and_after_silence_nobody_asks_before_the_next_refresh()
    {
        var known = await Started();
        _answering.Answer = new TaskCompletionSource<TaskTypeList>();
        var learning = Learn(known);
        await Eventually.True(() => _answering.Asked == 2 && _clock.ArmedTimers == 3, "it is asked, for a moment");
        Assert.False(learning.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Same(known, await learning);

        _clock.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 100; i++) { Assert.Same(known, await Learn(known)); }
        Assert.Equal(2, _answering.Asked);

        _answering.Answer = null;
        _clock.Advance(new GatewayOptions().TypesRefresh);
        known = await Eventually.Seen(async _ => await _directory.Current(CancellationToken.None), now => !ReferenceEquals(now, known), "the refresh");
        _ = await Learn(known);
        Assert.Equal(4, _answering.Asked);
    }

    [Fact]
    public async Task Who_has_waited_for_the_first_answer_in_vain_waits_for_no_other()
    {
        _answering.Answer = new TaskCompletionSource<TaskTypeList>();
        await _directory.StartAsync(CancellationToken.None);
        await Eventually.True(() => _answering.Asked == 1, "the first question");
        var current = _directory.Current(CancellationToken.None).AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        var known = await current;
        Assert.Same(known, await Learn(known));
        Assert.Equal(1, _answering.Asked);
    }

    private Task<TypeCatalogue> Learn(TypeCatalogue known) => _directory.Learn(known, CancellationToken.None).AsTask().WaitAsync(Eventually.Patience);

    private async Task<TypeCatalogue> Started()
    {
        await _directory.StartAsync(CancellationToken.None);
        await Eventually.True(() => _answering.Asked == 1 && _clock.ArmedTimers == 1, "the first answer is there");
        return await _directory.Current(CancellationToken.None);
    }

    /// <summary>The ResourceManager.</summary>
    private sealed class Answering
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        /// <summary>What it will say; null: nothing is there.</summary>
        public TaskCompletionSource<TaskTypeList>? Answer { get; set; }

        public async Task<Response<TaskTypeList>> Ask()
        {
            var answer = Answer?.Task;
            _ = Interlocked.Increment(ref _asked);
            var list = answer is null ? new TaskTypeList { Types = [], Agents = [] } : await answer;
            return Proxy<Response<TaskTypeList>>.Over(_ => list);
        }
    }

    /// <summary>An interface of which one member is used.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "the proxy is made as a subtype")]
    internal class Proxy<T> : DispatchProxy where T : class
    {
        private Func<MethodInfo, object?> _say = null!;

        public static T Over(Func<MethodInfo, object?> say)
        {
            var made = Create<T, Proxy<T>>();
            ((Proxy<T>)(object)made)._say = say;
            return made;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _say(targetMethod!);
    }
}
