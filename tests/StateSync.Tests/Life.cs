using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Writes the messages that one task causes: steps as the Scheduler numbers them, reports as agents send them.</summary>
internal sealed class Life(string taskId = "t-1")
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<StateInput> _inputs = [];
    private long _sequence;
    private int _said;

    public string TaskId { get; } = taskId;

    public TaskState State { get; private set; }

    public int Attempt { get; private set; }

    public string? Agent { get; private set; }

    public IReadOnlyList<StateInput> Inputs => _inputs;

    public StateInput Last => _inputs[^1];

    public static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    public static Life Running(string taskId = "t-1") => new Life(taskId).Submit().Queue().Offer("agent-1").Run();

    public Life Submit(string type = "data.analysis", string? requester = null, string? parameters = null, string? metadata = null, string? parent = null)
    {
        State = TaskState.Submitted;
        return Step(step => step with
        {
            Task = new SubmitTask
            {
                TaskId = TaskId,
                TaskType = type,
                Priority = 3,
                RequesterAgentId = requester,
                ParentTaskId = parent,
                Parameters = parameters is null ? null : Json(parameters),
                Metadata = metadata is null ? null : Json(metadata),
                CreatedAt = Noon,
            },
            TraceId = "0af7651916cd43dd8448eb211c80319c",
        });
    }

    public Life SubmitToSeveral(int quorum)
    {
        State = TaskState.Submitted;
        return Step(step => step with
        {
            Task = new SubmitTask { TaskId = TaskId, TaskType = "data.analysis", Mode = TaskMode.Broadcast, Quorum = quorum, CreatedAt = Noon },
        });
    }

    public Life Hear(int? needed, params MemberState[] news) => Step(step => step with { Members = news, Needed = needed });

    public Life Queue()
    {
        (State, Attempt, Agent) = (TaskState.Queued, Attempt + 1, null);
        return Step();
    }

    public Life Offer(string agent)
    {
        (State, Agent) = (TaskState.Offered, agent);
        return Step();
    }

    public Life Run() => Move(TaskState.Running);

    public Life Move(TaskState state, TaskPhase phase = TaskPhase.None, string? command = null)
    {
        State = state;
        return Step(step => step with { Phase = phase, CommandId = command });
    }

    public Life Amend(TaskAmendment amendment) => Step(step => step with { Amendment = amendment });

    public Life Ask(string key)
    {
        State = TaskState.InputRequired;
        return Step(step => step with { Question = new InputQuestion { Key = key, Question = "Which?" } });
    }

    public Life Fail(string code, TaskState state = TaskState.Failed)
    {
        State = state;
        return Step(step => step with { Code = code, Error = new TaskError { Code = code, Message = "it did not work" } });
    }

    public Life Complete(string result = """{"rows":1.0}""")
    {
        State = TaskState.Completed;
        return Step(step => step with { Result = Json(result), ExecutionMetadata = Json("""{"duration_s":2.50}""") });
    }

    public Life Report(double progress, string? message = null, int? attempt = null, string? agent = null,
        TaskState status = TaskState.Running)
    {
        _inputs.Add(new StateInput.Status(new TaskStatusUpdate
        {
            TaskId = TaskId,
            Status = status,
            Progress = progress,
            ProgressMessage = message,
            Attempt = attempt ?? Attempt,
            ExecutorAgentId = agent ?? Agent,
            Timestamp = Noon.AddSeconds(++_said),
        }));
        return this;
    }

    public Life Part(double portion, string data = "[]", string? token = null, int? attempt = null, int? number = null)
    {
        _inputs.Add(new StateInput.Partial(new TaskPartial
        {
            TaskId = TaskId,
            Attempt = attempt ?? Attempt,
            ExecutorAgentId = Agent ?? "agent-0",
            CompletedPortion = portion,
            IntermediateData = Json(data),
            CanResume = token is not null,
            ResumeToken = token,
            Number = number,
            Timestamp = Noon.AddSeconds(++_said),
        }));
        return this;
    }

    public Life Add(StateInput input)
    {
        _inputs.Add(input);
        return this;
    }

    private Life Step(Func<TaskTransitioned, TaskTransitioned>? more = null)
    {
        var step = new TaskTransitioned
        {
            TaskId = TaskId,
            Sequence = ++_sequence,
            State = State,
            Attempt = Attempt,
            AgentId = Agent,
            At = Noon.AddSeconds(_sequence),
        };
        _inputs.Add(new StateInput.Transition(more?.Invoke(step) ?? step));
        return this;
    }
}
