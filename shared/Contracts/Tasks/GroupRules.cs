using A2A.Micro.Contracts.Errors;
using System.Runtime.InteropServices;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// Is what a submission says about several agents well formed, and how many of them must succeed? Pure; a part of <see cref="TaskRules"/>. A
/// task in mode <c>broadcast</c> or <c>competitive</c> is a group: its members, one task per agent, do the work.
/// </summary>
public static class GroupRules
{
    /// <summary>Most agents of one broadcast.</summary>
    public const int MembersMax = 100;

    /// <summary>Most agents of one race.</summary>
    public const int CompetitorsMax = 16;

    /// <summary>Agents of a race that says nothing else.</summary>
    public const int CompetitorsDefault = 2;

    /// <summary>Most bytes of parameters that all members together are given.</summary>
    public const int HandedOutBytesMax = 8 * 1024 * 1024;

    /// <summary>Code of a member that is told to stop because enough others were first.</summary>
    public const string LostRace = "LOST_RACE";

    /// <summary>Whether several agents do the task.</summary>
    public static bool IsGroup(SubmitTask task) => task.Mode is TaskMode.Broadcast or TaskMode.Competitive;

    /// <summary>When the group is done: what was said, else any in a race, a quorum where there is a number, and all.</summary>
    public static GroupCompletion Completion(SubmitTask task) =>
        task.Completion ?? (task.Mode == TaskMode.Competitive ? GroupCompletion.Any
            : task.Quorum is null ? GroupCompletion.All : GroupCompletion.Quorum);

    /// <summary>How many members must succeed, at least 1.</summary>
    /// <param name="task">The group.</param>
    /// <param name="members">How many there are.</param>
    public static int Needed(SubmitTask task, int members) => Completion(task) switch
    {
        GroupCompletion.Any => 1,
        GroupCompletion.Quorum => Math.Max(1, task.Quorum ?? 1),
        _ => Math.Max(1, members),
    };

    /// <summary>Most agents that may be asked; one more than may be where more than these make it a mistake.</summary>
    public static int Most(SubmitTask task) =>
        task.Mode == TaskMode.Competitive ? Math.Clamp(task.Competitors ?? CompetitorsDefault, 1, CompetitorsMax) : MembersMax + 1;

    /// <summary>Bytes of parameters that so many members are given together.</summary>
    public static long HandedOutBytes(SubmitTask task, int members) =>
        task.Parameters is { } given ? (long)JsonMarshal.GetRawUtf8Value(given).Length * members : 0;

    /// <summary>Says everything that is wrong with agents, completion, quorum and competitors.</summary>
    /// <param name="task">The submission.</param>
    /// <param name="wrong">Takes pointer, detail and kind; no kind: not valid.</param>
    public static void Check(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(wrong);
        if (!IsGroup(task))
        {
            if (task.Agents is not null) { wrong("#/agents", "only with mode broadcast or competitive; one agent is a responder_agent_id", null); }
            if (task.Completion is not null) { wrong("#/completion", "only with mode broadcast", null); }
            if (task.Quorum is not null) { wrong("#/quorum", "only with mode broadcast", null); }
            if (task.Competitors is not null) { wrong("#/competitors", "only with mode competitive", null); }
            return;
        }

        if (task.ResponderAgentId is not null) { wrong("#/responder_agent_id", "several agents are named in agents; leave one of the two out", null); }
        CheckAgents(task, wrong);
        if (task.Mode == TaskMode.Broadcast) { CheckBroadcast(task, wrong); }
        else { CheckRace(task, wrong); }
    }

    private static void CheckAgents(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        if (task.Agents is not { } agents) { return; }
        var most = task.Mode == TaskMode.Competitive ? CompetitorsMax : MembersMax;
        if (agents.Count < 1 || agents.Count > most)
        {
            wrong("#/agents", $"1 to {most} agents; leave it out for those that can do it now", null);
            return;
        }

        foreach (var (index, agent) in agents.Index())
        {
            if (!TaskRules.IsAgentId(agent)) { wrong($"#/agents/{index}", "1 to 64 characters from A-Z a-z 0-9 . _ -", null); }
            else if (agents.Take(index).Contains(agent)) { wrong($"#/agents/{index}", "an agent is named once", null); }
        }

        if (HandedOutBytes(task, agents.Count) > HandedOutBytesMax)
        {
            wrong("#/agents", $"all agents together are given at most {HandedOutBytesMax} bytes of parameters; pass a path or an address",
                ErrorKind.TooLarge);
        }
    }

    private static void CheckBroadcast(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        if (task.Competitors is not null) { wrong("#/competitors", "only with mode competitive", null); }
        if (task.Completion == GroupCompletion.Unknown) { wrong("#/completion", "all, any or quorum", null); }
        if (task is { Completion: GroupCompletion.Quorum, Quorum: null })
        {
            wrong("#/quorum", "required when completion is quorum: how many agents must succeed", null);
        }

        if (task is { Completion: GroupCompletion.All or GroupCompletion.Any, Quorum: not null })
        {
            wrong("#/quorum", "only with completion quorum; leave one of the two out", null);
        }
        else if (task.Quorum is < 1 or > MembersMax)
        {
            wrong("#/quorum", $"1 to {MembersMax}", null);
        }
        else if (task is { Quorum: { } quorum, Agents: { Count: > 0 } agents } && quorum > agents.Count)
        {
            wrong("#/quorum", $"at most the {agents.Count} agents that are named", null);
        }
    }

    private static void CheckRace(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        if (task.Completion is not null) { wrong("#/completion", "only with mode broadcast; a race ends with the first success", null); }
        if (task.Quorum is not null) { wrong("#/quorum", "only with mode broadcast; a race ends with the first success", null); }
        if (task is { Competitors: not null, Agents: not null })
        {
            wrong("#/competitors", "all agents that are named compete; leave one of the two out", null);
        }
        else if (task.Competitors is < 2 or > CompetitorsMax)
        {
            wrong("#/competitors", $"2 to {CompetitorsMax}", null);
        }
    }
}
