using System.Globalization;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>What the stages of a pipeline say about the whole. Pure.</summary>
public static class WorkflowRules
{
    /// <summary>Most stages of one workflow.</summary>
    public const int StagesMax = 100;

    /// <summary>Longest id: that of a workflow which goes on, and of its stages, must still be an id.</summary>
    public const int IdLengthMax = 100;

    /// <summary>1..100 characters of <c>[A-Za-z0-9._:~-]</c>.</summary>
    public static bool IsWorkflowId(string? id) => id is { Length: <= IdLengthMax } && TaskRules.IsTaskId(id);

    /// <summary>The task of a stage, counted from 0.</summary>
    public static string TaskIdOf(string workflowId, int stage) =>
        string.Create(CultureInfo.InvariantCulture, $"{workflowId}:{stage + 1}");

    /// <summary>The task that undoes a stage, counted from 0.</summary>
    public static string CompensationIdOf(string workflowId, int stage) => TaskIdOf(workflowId, stage) + ":undo";

    /// <summary>
    /// The id under which a workflow is gone on with: <c>etl</c>, <c>etl~2</c>, <c>etl~3</c>. It is made from the first one, so that asking
    /// twice goes on once.
    /// </summary>
    public static string NextId(string workflowId)
    {
        ArgumentNullException.ThrowIfNull(workflowId);
        var mark = workflowId.LastIndexOf('~');
        return mark > 0 && int.TryParse(workflowId.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 2 and < 100_000
                ? string.Create(CultureInfo.InvariantCulture, $"{workflowId[..mark]}~{number + 1}")
                : workflowId + "~2";
    }

    /// <summary>The stage that decides how the workflow stands: the first that has not completed; null when all have.</summary>
    public static int? Current(IReadOnlyList<TaskDocument> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        for (var i = 0; i < stages.Count; i++)
        {
            if (stages[i].State != TaskState.Completed) { return i; }
        }

        return null;
    }

    /// <summary>
    /// The state of the whole in the words of a task. Once a stage has completed it is under way, also while the next one waits for an agent;
    /// a stage that ended in any other way has ended the whole.
    /// </summary>
    public static TaskState StateOf(IReadOnlyList<TaskDocument> stages) => Current(stages) switch
    {
        null => TaskState.Completed,
        0 => stages[0].State,
        { } at when stages[at].State.IsTerminal() || stages[at].State is TaskState.Paused or TaskState.InputRequired => stages[at].State,
        _ => TaskState.Running,
    };

    /// <summary>0..1: every stage counts the same.</summary>
    public static double ProgressOf(IReadOnlyList<TaskDocument> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        return stages.Average(stage => stage.State == TaskState.Completed ? 1 : Math.Clamp(stage.Progress, 0, 1));
    }

    /// <summary>When nothing of it goes on any more: the end of its last stage to end; null before.</summary>
    public static DateTimeOffset? EndedAt(IReadOnlyList<TaskDocument> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        return stages.All(stage => stage.State.IsTerminal()) ? stages.Max(stage => stage.EndedAt) : null;
    }
}
