using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>
/// Random lives: commands, answers of agents, losses and time in any order, some twice. Whatever happens, every command gets exactly one
/// final answer, the task ends once, and what it held is given back.
/// </summary>
public sealed class CommandProperties(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    private const int Steps = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_command_gets_exactly_one_final_answer_whatever_happens(int seed)
    {
        for (var life = 0; life < 40; life++) { await Live(new Random((seed * 1000) + life), $"any-{seed}-{life}"); }
    }

    private async Task Live(Random random, string task)
    {
        var commands = new Dictionary<string, object>();
        var answers = new Dictionary<string, List<string>>();
        var said = new List<object>();
        async Task Hear(object message)
        {
            foreach (var word in await scheduler.Hear(message))
            {
                said.Add(word);
                var (id, answer) = word switch
                {
                    ControlAcknowledged { Status: "applied" } ack => (ack.CommandId, "applied"),
                    ControlRejected no => (no.CommandId, "rejected"),
                    _ => ("", ""),
                };
                if (id.Length == 0) { continue; }
                // The first final answer to a pause says what the state shows.
                if (commands.GetValueOrDefault(id) is PauseTask && !answers.ContainsKey(id) && (await scheduler.Find(task))!.Phase != "resuming")
                {
                    Assert.Equal(answer == "applied", (await scheduler.Find(task))!.State == "paused");
                }

                Add(answers, id, answer);
            }
        }

        await Hear(new SubmitTask { TaskId = task, TaskType = "data.analysis", Deadline = scheduler.Clock.GetUtcNow().AddDays(9) });
        for (var step = 0; step < Steps; step++)
        {
            var saga = (await scheduler.Find(task))!;
            await Hear(Any(random, saga, commands));
        }

        var last = (await scheduler.Find(task))!;
        if (!IsOver(last))
        {
            await Hear(new TaskDue { SagaId = TaskKey.Of(task), Now = scheduler.Clock.GetUtcNow().AddDays(30) });
            last = (await scheduler.Find(task))!;
            if (!IsOver(last)) { await Hear(new CancelTask { TaskId = task, CommandId = "the-end" }); commands["the-end"] = task; }
            if (!IsOver(last = (await scheduler.Find(task))!))
            {
                await Hear(new TaskDue { SagaId = TaskKey.Of(task), Now = last.WakeAt!.Value });
                last = (await scheduler.Find(task))!;
            }
        }

        Assert.True(IsOver(last), last.State);
        Assert.False(last.HoldsRoom);
        Assert.All(commands.Keys, id => Assert.True(
            answers.TryGetValue(id, out var final) && final.Distinct().Count() == 1, $"{id}: {string.Join(",", answers.GetValueOrDefault(id) ?? [])}"));
        Assert.DoesNotContain(last.Commands, note => note.Status == CommandStatus.Accepted);
        var numbers = said.OfType<TaskTransitioned>().Select(one => one.Sequence).ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);
        Assert.Equal(1, said.OfType<TaskTransitioned>().Count(one => one.State.IsTerminal()));
        var claimed = said.OfType<AllocateResources>().Select(one => one.Attempt).Order();
        Assert.Equal(claimed, said.OfType<ReleaseResources>().Select(one => one.Attempt).Distinct().Order());
    }

    private object Any(Random random, TaskSaga saga, Dictionary<string, object> commands)
    {
        var (task, attempt, agent) = (saga.TaskId, Math.Max(1, saga.Attempt - (random.Next(8) == 0 ? 1 : 0)), saga.AgentId ?? "agent-1");
        if (random.Next(2) == 0) { return Command(random, task, commands); }
        return random.Next(9) switch
        {
            0 or 1 => new ResourcesAllocated { TaskId = task, Attempt = attempt, AgentId = "agent-" + random.Next(1, 3), Resources = [] },
            2 or 3 => new TaskAccepted { TaskId = task, Attempt = attempt, AgentId = agent },
            4 => new ResourcesRevoked { TaskId = task, Attempt = attempt, AgentId = agent, Code = "AGENT_SILENT" },
            5 => new ControlAcknowledged
            {
                CommandId = saga.Commands.Count > 0 ? saga.Commands[^1].Id : "none",
                Status = random.Next(3) == 0 ? "accepted" : "applied",
                TaskId = task,
                Attempt = attempt,
                AgentId = agent,
                ResumeToken = "row",
            },
            6 => new RequireInput
            {
                TaskId = task,
                Attempt = attempt,
                AgentId = agent,
                Question = new InputQuestion { Key = "k" + random.Next(2), Question = "?" },
            },
            7 => new TaskDue { SagaId = TaskKey.Of(task), Now = saga.WakeAt ?? scheduler.Clock.GetUtcNow() },
            _ => new TaskResult
            {
                TaskId = task,
                Attempt = attempt,
                ExecutorAgentId = agent,
                CompletedAt = scheduler.Clock.GetUtcNow(),
                Status = random.Next(3) == 0 ? TaskState.Completed : TaskState.Failed,
                Error = new TaskError { Code = "X", Message = "x", Retryable = true },
            },
        };
    }

    private static object Command(Random random, string task, Dictionary<string, object> commands)
    {
        if (commands.Count > 0 && random.Next(5) == 0) { return commands.Values.ElementAt(random.Next(commands.Count)); }
        var id = $"c-{commands.Count}";
        return commands[id] = random.Next(11) switch
        {
            0 or 1 => new PauseTask { TaskId = task, CommandId = id, KeepResources = random.Next(2) == 0, ExtendDeadline = random.Next(2) == 0 },
            2 or 3 or 4 => new ResumeTask { TaskId = task, CommandId = id },
            5 => random.Next(4) == 0 ? new CancelTask { TaskId = task, CommandId = id } : new ReleaseTask { TaskId = task, CommandId = id },
            6 => new HoldTask { TaskId = task, CommandId = id },
            7 => new ReleaseTask { TaskId = task, CommandId = id },
            8 => new RequeueTask { TaskId = task, CommandId = id },
            9 => new AmendTask { TaskId = task, CommandId = id, Amendment = new TaskAmendment { Priority = random.Next(1, 5) } },
            _ => new ProvideInput { TaskId = task, CommandId = id, Input = JsonSerializer.SerializeToElement(1) },
        };
    }

    private static bool IsOver(TaskSaga saga) => WireWord.Parse<TaskState>(saga.State).IsTerminal();

    private static void Add(Dictionary<string, List<string>> answers, string id, string answer)
    {
        if (!answers.TryGetValue(id, out var list)) { answers[id] = list = []; }
        list.Add(answer);
    }
}
