using System.Diagnostics;
using System.Threading.Channels;
using A2A.Micro.Bench.Measuring;

namespace A2A.Micro.Bench.Load;

/// <summary>The ways in which tasks are handed in. Each returns how many did not complete.</summary>
public sealed class TaskLoads(TaskClient client)
{
    private const int WaitSeconds = 60;
    private const int ReadsMax = 8;

    /// <summary>
    /// Every submitter holds one task at a time, from its POST with <c>Prefer: wait</c> to the answer that carries the result: as many tasks
    /// are in flight as there are submitters.
    /// </summary>
    public async Task<int> InFlight(int submitters, Latencies latencies, int tasks, CancellationToken cancellation)
    {
        var next = -1;
        var errors = 0;
        await Together(submitters, async () =>
        {
            for (var task = Interlocked.Increment(ref next); task < tasks; task = Interlocked.Increment(ref next))
            {
                var started = Stopwatch.GetTimestamp();
                var answer = await client.Submit(WaitSeconds, cancellation);
                latencies.Note(task, started);
                if (!answer.IsCompleted) { _ = Interlocked.Increment(ref errors); }
            }
        });
        return errors;
    }

    /// <summary>
    /// Submitters hand in everything as fast as it is accepted; as many readers follow in the same order and hold until each result can
    /// be read. Latency is then mostly the backlog; the throughput is that of the whole system under load.
    /// </summary>
    public async Task<int> Backlog(int submitters, Latencies latencies, int tasks, CancellationToken cancellation)
    {
        var accepted = Channel.CreateUnbounded<(int Task, string TaskId, long Started)>();
        var next = -1;
        var errors = 0;
        async Task Submit()
        {
            for (var task = Interlocked.Increment(ref next); task < tasks; task = Interlocked.Increment(ref next))
            {
                var started = Stopwatch.GetTimestamp();
                var answer = await client.Submit(0, cancellation);
                if (answer.TaskId.Length == 0) { _ = Interlocked.Increment(ref errors); }
                else { _ = accepted.Writer.TryWrite((task, answer.TaskId, started)); }
            }
        }

        async Task Follow()
        {
            await foreach (var (task, taskId, started) in accepted.Reader.ReadAllAsync(cancellation))
            {
                if (await Completes(taskId, cancellation)) { latencies.Note(task, started); }
                else { _ = Interlocked.Increment(ref errors); }
            }
        }

        var following = Together(submitters, Follow);
        await Together(submitters, Submit);
        accepted.Writer.Complete();
        await following;
        return errors;
    }

    private async Task<bool> Completes(string taskId, CancellationToken cancellation)
    {
        for (var read = 0; read < ReadsMax; read++)
        {
            if ((await client.Result(taskId, WaitSeconds, cancellation)).IsCompleted) { return true; }
        }

        return false;
    }

    private static Task Together(int count, Func<Task> work) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(work)));
}
