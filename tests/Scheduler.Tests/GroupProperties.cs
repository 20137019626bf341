using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Groups;
using A2A.Micro.Scheduler.Tasks;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Any policy, any ends of the members, their words in any order and some of them twice: the group ends once, and as it must.</summary>
public sealed class GroupProperties
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly TaskState[] Ends =
        [TaskState.Completed, TaskState.Completed, TaskState.Failed, TaskState.Rejected, TaskState.Cancelled, TaskState.Expired];

    /// <param name="Task">The group.</param>
    /// <param name="Ends">How each of its members ends.</param>
    /// <param name="Seed">Of the order of everything.</param>
    public sealed record Story(SubmitTask Task, IReadOnlyList<TaskState> Ends, int Seed)
    {
        public int Needed => GroupRules.Needed(Task, Ends.Count);

        public int Successes => Ends.Count(end => end == TaskState.Completed);
    }

    private static readonly Gen<Story> Stories =
        from ends in Gen.Choose(1, 12).SelectMany(size => Gen.Elements(Ends).ArrayOf(size))
        from kind in Gen.Choose(0, 3)
        from quorum in Gen.Choose(1, ends.Length)
        from seed in Gen.Choose(0, int.MaxValue / 2)
        select new Story(Kind(kind, quorum), ends, seed);

    [Fact]
    public void A_group_ends_once_and_as_the_ends_of_its_members_say() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3000),
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var (saga, verdicts) = Play(story, story.Seed);

            Assert.Equal(story.Successes >= story.Needed ? "completed" : "failed", saga.State);
            _ = Assert.Single(verdicts, verdict => verdict is Verdict.Complete or Verdict.Fail);
        }));

    [Fact]
    public void It_does_not_matter_in_which_order_the_members_are_heard() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var (one, _) = Play(story, story.Seed);
            var (other, _) = Play(story, story.Seed + 1);

            Assert.Equal(one.State, other.State);
            // Nobody is cut off where nobody can be spared: then the whole result is the same.
            if (story.Successes == story.Needed && story.Successes == story.Ends.Count && story.Task.Mode == TaskMode.Broadcast)
            {
                Assert.Equal(one.Cause.Result!.Value.GetRawText(), other.Cause.Result!.Value.GetRawText());
            }
        }));

    [Fact]
    public void It_ends_with_the_first_word_that_decides_it() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var (saga, _) = Play(story, story.Seed);
            var heard = saga.Members.Count(member => member.State == TaskState.Completed);
            var failed = saga.Members.Count(member => member.HasEnded && member.State != TaskState.Completed);

            // One word less and it would have been open.
            Assert.Equal(saga.State == "completed" ? story.Needed : saga.Members.Count - story.Needed + 1, saga.State == "completed" ? heard : failed);
        }));

    [Fact]
    public void Whoever_has_not_ended_when_the_group_does_is_told_to_stop_and_nobody_else() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var (saga, _) = Play(story, story.Seed);
            saga.Watchers =
            [
                .. saga.Members.Select(member =>
                    new Dependencies.Watcher { DependentId = member.TaskId, Since = Noon, AsChild = true, IsTakenIn = true }),
            ];

            var (cancels, _) = Dependencies.Family.TellOfEnd(saga);

            Assert.Equal(saga.Members.Where(member => !member.HasEnded).Select(member => member.TaskId), cancels.Select(cancel => cancel.TaskId));
            Assert.All(cancels, cancel => Assert.Equal(saga.State == "completed", cancel.Reason!.StartsWith("LOST_RACE", StringComparison.Ordinal)));
        }));

    private static SubmitTask Kind(int kind, int quorum) => new SubmitTask { TaskId = "g", TaskType = "a", Mode = TaskMode.Broadcast } switch
    {
        var task when kind == 0 => task with { Mode = TaskMode.Competitive },
        var task when kind == 1 => task with { Completion = GroupCompletion.Any },
        var task when kind == 2 => task with { Quorum = quorum },
        var task => task,
    };

    private static (TaskSaga Saga, IReadOnlyList<Verdict> Verdicts) Play(Story story, int seed)
    {
        var (random, verdicts) = (new Random(seed), new List<Verdict>());
        var saga = new TaskSaga { TaskId = "g", State = "queued", Attempt = 1, Task = story.Task };
        var agents = Enumerable.Range(0, story.Ends.Count).Select(number => $"agent-{number}").ToList();
        var begin = GroupVerdicts.OfAgents(saga, new AgentsFound { TaskId = "g", Attempt = 1, AgentIds = agents }, TimeSpan.FromSeconds(2));
        Assert.Equal(Verdict.Proceed, begin.Verdict);
        (saga.State, saga.Members) = ("running", begin.Members!);
        var bag = agents.SelectMany((agent, number) => new[] { Word(agent, TaskState.Running), Word(agent, story.Ends[number]) }).ToList();
        while (bag.Count > 0 && saga.State == "running")
        {
            var drawn = bag[random.Next(bag.Count)];
            if (random.Next(4) > 0) { _ = bag.Remove(drawn); }
            var judgement = GroupVerdicts.OfMember(saga, drawn, Noon);
            saga.Members = judgement.Members ?? saga.Members;
            verdicts.Add(judgement.Verdict);
            if (judgement.Verdict is not (Verdict.Complete or Verdict.Fail)) { continue; }
            (saga.State, saga.Cause) = (judgement.Verdict == Verdict.Complete ? "completed" : "failed", judgement.Cause);
        }

        return (saga, verdicts);
    }

    private static MemberMoved Word(string agent, TaskState state) => new()
    {
        TaskId = "g",
        MemberId = GroupVerdicts.MemberId("g", agent),
        State = state,
        Result = state == TaskState.Completed ? JsonSerializer.SerializeToElement(new { by = agent }) : null,
        Error = state is TaskState.Completed or TaskState.Running ? null : new TaskError { Code = state.Word(), Message = "no" },
    };
}
