using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Groups;

/// <summary>
/// What a group does with what it hears: who its members are, and when it is done. Pure. How a group ends depends on how its members end and not
/// on the order in which that is heard, except that in a race, and where more succeed than must, the first are the ones that count.
/// </summary>
/// <remarks>
/// Theory of operation. A group is a task that is never offered: when its turn comes it learns who its agents are and hands in one child per agent,
/// in the same commit in which it remembers them. From there on the list never changes. A member is a task like any other, fenced, retried and
/// cancelled like any other, and tells the group of its end in the commit that ends it. The group ends with the first word that decides it, and its
/// end cancels the members that it has not heard the end of: what these come to is no longer asked for. So there is one result, made in one commit,
/// however many agents finish at the same instant.
/// </remarks>
public static class GroupVerdicts
{
    private const int NamedMax = 20;

    /// <summary>Whether several agents do it.</summary>
    public static bool IsGroup(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        return GroupRules.IsGroup(saga.Task);
    }

    /// <summary>Who could do it: these are the members, or it goes on waiting, or it never can.</summary>
    /// <param name="saga">The group.</param>
    /// <param name="found">Agents that were found or named.</param>
    /// <param name="askAgain">When nobody is there yet: how long until it asks again.</param>
    public static Judgement OfAgents(TaskSaga saga, AgentsFound found, TimeSpan askAgain)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(found);
        if (!IsGroup(saga) || found.Attempt != saga.Attempt) { return Judgement.No(RefusalReason.StaleAttempt); }
        var (task, agents) = (saga.Asked, found.AgentIds.Distinct(StringComparer.Ordinal).ToList());
        if (agents.Count == 0)
        {
            var code = found.Code ?? "NO_AGENT_FOR_TYPE";
            var reason = found.Reason ?? $"no online agent handles {task.TaskType}";
            return found.IsFinal ? Reject(ErrorKind.ResourceUnavailable, reason, $"{code}: {reason}") : Wait(saga, code, reason, askAgain);
        }

        if (agents.Count > GroupRules.MembersMax)
        {
            return Reject(ErrorKind.TooLarge, $"more than {GroupRules.MembersMax} agents could do it; narrow them with constraints or name them in agents");
        }

        if (GroupRules.HandedOutBytes(task, agents.Count) > GroupRules.HandedOutBytesMax)
        {
            return Reject(ErrorKind.TooLarge, $"{agents.Count} agents together are given at most {GroupRules.HandedOutBytesMax} bytes of parameters; "
                + "pass a path or an address");
        }

        var needed = GroupRules.Needed(task, agents.Count);
        return agents.Count < needed
            ? Wait(saga, "TOO_FEW_AGENTS", $"{needed} agents must succeed, and {agents.Count} could do it now", askAgain)
            : Begin(saga, agents, needed);
    }

    /// <summary>A member has begun or ended: done, never to be done, or the others go on.</summary>
    public static Judgement OfMember(TaskSaga saga, MemberMoved moved, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(moved);
        if (saga.Members.FirstOrDefault(one => one.TaskId == moved.MemberId) is not { } member) { return Judgement.No(RefusalReason.NotOwner); }
        if (member.HasEnded || (!moved.State.IsTerminal() && member.State != TaskState.Submitted)) { return Judgement.No(RefusalReason.Repeated); }
        var news = Heard(saga, member, moved);
        IReadOnlyList<GroupMember> members = [.. saga.Members.Select(one => one == member ? news : one)];
        var needed = GroupRules.Needed(saga.Task, members.Count);
        if (members.Count(one => one.State == TaskState.Completed) >= needed) { return Done(saga, members, news, moved); }
        if (members.Count(one => !one.HasEnded || one.State == TaskState.Completed) < needed) { return Never(saga, members, needed, now); }
        var failed = news.HasEnded && news.State != TaskState.Completed;
        return new Judgement(Verdict.Proceed)
        {
            Members = members,
            Cause = new Cause
            {
                Code = failed ? "MEMBER_FAILED" : null,
                Reason = failed ? Line(news) : null,
                Members = [news.View()],
            },
        };
    }

    /// <summary>Every member as it stands when the group ends: those whose end was not heard of are told to stop.</summary>
    public static IReadOnlyList<GroupMember> AtTheEnd(TaskSaga saga, IReadOnlyList<GroupMember> members)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(members);
        var error = saga.State == TaskState.Completed.Word() || Succeeded(saga, members)
            ? new TaskError { Code = GroupRules.LostRace, Message = "enough others were first" }
            : new TaskError { Code = "CANCELLED", Message = $"its group {saga.TaskId} has ended" };
        return [.. members.Select(member => member.HasEnded ? member : member with { State = TaskState.Cancelled, Error = error })];
    }

    /// <summary>The task of one agent: what was asked for, for it alone.</summary>
    public static SubmitTask Part(TaskSaga saga, GroupMember member)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(member);
        return saga.Asked with
        {
            TaskId = member.TaskId,
            Mode = TaskMode.Direct,
            ResponderAgentId = member.AgentId,
            ParentTaskId = saga.TaskId,
            AsMember = true,
            OnParentEnd = null,
            Deadline = saga.Deadline,
            TimeoutS = null,
            Agents = null,
            Completion = null,
            Quorum = null,
            Competitors = null,
            Dependencies = [],
            NotBefore = null,
            ReplayOf = null,
            CreatedAt = null,
        };
    }

    /// <summary>Id of the task that an agent is given by a group: the same however often it is said.</summary>
    public static string MemberId(string groupId, string agentId) =>
        TenantNames.Beside(groupId, "task-" + TaskKey.FromName($"member\n{groupId}\n{agentId}"));

    private static bool Succeeded(TaskSaga saga, IReadOnlyList<GroupMember> members) =>
        members.Count(one => one.State == TaskState.Completed) >= GroupRules.Needed(saga.Task, members.Count);

    private static Judgement Begin(TaskSaga saga, List<string> agents, int needed)
    {
        var members = agents.ConvertAll(agent => new GroupMember { AgentId = agent, TaskId = MemberId(saga.TaskId, agent) });
        var names = string.Join(", ", agents.Take(NamedMax)) + (agents.Count > NamedMax ? $" and {agents.Count - NamedMax} more" : "");
        return new Judgement(Verdict.Proceed)
        {
            Members = members,
            Cause = new Cause
            {
                Code = "GROUP_FORMED",
                Reason = $"{agents.Count} {(agents.Count == 1 ? "agent does" : "agents do")} it, and {needed} must succeed: {names}",
                Members = members.ConvertAll(member => member.View()),
                Needed = needed,
            },
        };
    }

    // Said once as long as it stays the same.
    private static Judgement Wait(TaskSaga saga, string code, string reason, TimeSpan askAgain)
    {
        var note = $"{code}: {reason}";
        var isKnown = saga.Notes.Count > 0 && saga.Notes[^1] == note;
        return new Judgement(isKnown ? Verdict.Block : Verdict.Wait)
        {
            Note = isKnown ? null : note,
            WakeIn = askAgain,
            Cause = new Cause { Code = code, Reason = reason },
        };
    }

    private static GroupMember Heard(TaskSaga saga, GroupMember member, MemberMoved moved)
    {
        var now = member with { State = moved.State.IsTerminal() ? moved.State : TaskState.Running };
        if (now.State == TaskState.Completed)
        {
            // The result of a race is the winner's own and not a part of anything.
            return saga.Task.Mode == TaskMode.Broadcast && moved.Result is { } result ? GroupResult.Keep(now, result, saga.Members.Count) : now;
        }

        return now.HasEnded
            ? now with { Error = moved.Error ?? new TaskError { Code = now.State.Word().ToUpperInvariant(), Message = $"it is {now.State.Word()}" } }
            : now;
    }

    private static Judgement Done(TaskSaga saga, IReadOnlyList<GroupMember> members, GroupMember last, MemberMoved moved)
    {
        var isRace = saga.Task.Mode == TaskMode.Competitive;
        return new Judgement(Verdict.Complete)
        {
            Members = members,
            Winner = isRace ? last.AgentId : null,
            Cause = new Cause
            {
                Code = isRace ? "RACE_WON" : null,
                Reason = isRace ? $"{last.AgentId} was first of {string.Join(", ", members.Select(member => member.AgentId))}" : null,
                Result = isRace ? moved.Result : GroupResult.Of(saga.Task, AtTheEnd(saga, members)),
                ExecutionMetadata = isRace ? moved.ExecutionMetadata : null,
            },
        };
    }

    private static Judgement Never(TaskSaga saga, IReadOnlyList<GroupMember> members, int needed, DateTimeOffset now)
    {
        if (saga.Deadline <= now) { return Verdicts.Late() with { Members = members }; }
        var failed = members.Where(member => member.HasEnded && member.State != TaskState.Completed).ToList();
        var names = string.Join(", ", failed.Take(NamedMax).Select(one => one.AgentId));
        var reason = $"{failed.Count} of {members.Count} agents did not succeed, and {needed} must: {names}";
        return new Judgement(Verdict.Fail)
        {
            Members = members,
            Cause = Verdicts.Ended(ErrorKind.GroupFailed, reason, [.. failed.Select(Line)]),
        };
    }

    private static string Line(GroupMember member) => $"{member.AgentId} {member.State.Word()}: {member.Error?.Code} ({member.Error?.Message})";

    private static Judgement Reject(ErrorKind kind, string reason, string? detail = null) =>
        new(Verdict.Reject) { Cause = Verdicts.Ended(kind, reason, detail is null ? null : [detail]) };
}
