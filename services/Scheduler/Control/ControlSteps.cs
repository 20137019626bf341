using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.Security.Encryption;
using MassTransit;

namespace A2A.Micro.Scheduler.Control;

/// <summary>The verbs of commands, checkpoints and questions.</summary>
internal static class ControlSteps
{
    extension<T>(EventActivityBinder<TaskSaga, T> step) where T : class
    {
        /// <summary>Decides a command and answers it; the same command again gets the same answer and does nothing.</summary>
        public EventActivityBinder<TaskSaga, T> Obey(Func<TaskSaga, T, TaskPolicy, Judgement> decide) => step.ThenAsync(context =>
        {
            var (saga, policy, command) = (context.Saga, TaskSteps.Policy(context), CommandFacts.Of(context.Message));
            if (CommandLedger.Find(saga.Commands, command.Id) is { } known)
            {
                saga.Judgement = Judgement.No(RefusalReason.Repeated);
                return CommandAnswers.Answer(context, known.Name == command.Name ? known : CommandAnswers.Reused(command));
            }

            var judgement = ControlVerdicts.OfCondition(saga, command) ?? decide(saga, context.Message, policy);
            TaskSteps.Apply(saga, judgement, policy);
            saga.Cause = saga.Cause with { CommandId = command.Id };
            var note = new CommandNote
            {
                Id = command.Id,
                Name = command.Name,
                Status = judgement.Objection is null ? judgement.Answer : CommandStatus.Rejected,
                Code = judgement.Objection?.Kind.Code,
                Detail = judgement.Objection?.Detail ?? (context.Message as PauseTask)?.Reason,
                State = judgement.Objection is null ? null : WireWord.Parse<TaskState>(saga.State),
                NewTaskId = judgement.NewTaskId,
                At = policy.Now,
            };
            saga.Commands = CommandLedger.With(saga.Commands, note);
            if (note.Status != CommandStatus.Accepted) { policy.Metrics.Commanded(note, policy.Now); }
            return CommandAnswers.Answer(context, note);
        });

        /// <summary>Stops the agent, whose work goes on elsewhere or later: its room is not kept for it.</summary>
        public EventActivityBinder<TaskSaga, T> TakeAway(string reason) => step.WithdrawFromAgent(reason).LetGo();

        /// <summary>What it held is not kept any longer.</summary>
        public EventActivityBinder<TaskSaga, T> LetGo() => step.Then(context => context.Saga.KeepsRoom = false);

        /// <summary>Gives back the room and the agent of a task that rests.</summary>
        public EventActivityBinder<TaskSaga, T> LoseAgent() => step.LetGo().ThenAsync(context =>
        {
            context.Saga.AgentId = null;
            return TaskSteps.GiveRoomBack(context);
        });

        /// <summary>Another attempt without leaving the line.</summary>
        public EventActivityBinder<TaskSaga, T> BeginAgain() => step.ThenAsync(async context =>
        {
            await TaskSteps.BeginAttempt(context).ConfigureAwait(false);
            await TaskSteps.Record(context).ConfigureAwait(false);
        });

        /// <summary>Held, or no longer.</summary>
        public EventActivityBinder<TaskSaga, T> Hold(bool held) => step.Then(context => context.Saga.Held = held);

        /// <summary>The token that came with the decision is where it goes on from.</summary>
        public EventActivityBinder<TaskSaga, T> KeepToken() => step.Then(context =>
        {
            var saga = context.Saga;
            if (saga.Judgement is not { Token: { } token } judgement) { return; }
            var next = saga.CheckpointAttempt == saga.Attempt ? saga.CheckpointNumber + 1 : 1;
            (saga.Checkpoint, saga.CheckpointAttempt, saga.CheckpointNumber) = (token, saga.Attempt, judgement.TokenNumber ?? next);
        });

        /// <summary>The time that the pause took is added to the deadline, where that was wanted.</summary>
        public EventActivityBinder<TaskSaga, T> RestoreDeadline() => step.Then(context =>
        {
            var saga = context.Saga;
            saga.ExtendsDeadline = false;
            if (saga.DeadlineLeftMs is not { } left) { return; }
            saga.DeadlineLeftMs = null;
            saga.Deadline = TaskSteps.WholeMilliseconds(TaskSteps.Policy(context).Now).AddMilliseconds(left);
            saga.Cause = saga.Cause with { Amendment = new TaskAmendment { Deadline = saga.Deadline } };
        });

        /// <summary>What ended is asked for again, as a new task with the same time to do it in.</summary>
        public EventActivityBinder<TaskSaga, T> Replay(Func<TaskSaga, T, string?> token) => step.ThenAsync(context =>
        {
            var (saga, now) = (context.Saga, TaskSteps.WholeMilliseconds(TaskSteps.Policy(context).Now));
            var asked = saga.Asked;
            return TaskSteps.Say(context, Endpoints.Tasks, asked with
            {
                TaskId = saga.Judgement!.NewTaskId!,
                Deadline = asked.Deadline is { } deadline ? now + (deadline - saga.CreatedAt) : null,
                ReplayOf = saga.TaskId,
                // The family of then may have ended; what an operator repeats stands alone.
                ParentTaskId = null,
                OnParentEnd = null,
                AsMember = null,
                ResumeToken = token(saga, context.Message),
                CreatedAt = now,
            });
        });
    }

    extension(EventActivityBinder<TaskSaga, PauseTask> step)
    {
        /// <summary>What the pause shall keep.</summary>
        public EventActivityBinder<TaskSaga, PauseTask> RememberWishes() => step.Then(context =>
        {
            context.Saga.KeepsRoom = context.Message.KeepResources;
            context.Saga.ExtendsDeadline = context.Message.ExtendDeadline;
        });

        /// <summary>The agent saves a checkpoint and stops.</summary>
        public EventActivityBinder<TaskSaga, PauseTask> TellAgentToPause() => step.ThenAsync(context =>
            TaskSteps.Say(context, Endpoints.AgentControl(context.Saga.AgentId!), context.Message with { Attempt = context.Saga.Attempt }));
    }

    extension(EventActivityBinder<TaskSaga, ResumeTask> step)
    {
        /// <summary>A checkpoint that the command names counts instead of the last one.</summary>
        public EventActivityBinder<TaskSaga, ResumeTask> TakeCheckpoint() => step.Then(context =>
            context.Saga.Checkpoint = context.Message.Checkpoint ?? context.Saga.Checkpoint);

        /// <summary>The agent that kept the room goes on.</summary>
        public EventActivityBinder<TaskSaga, ResumeTask> TellAgentToResume() => step.ThenAsync(context =>
            TaskSteps.Say(context, Endpoints.AgentControl(context.Saga.AgentId!), context.Message with
            {
                Attempt = context.Saga.Attempt,
                Checkpoint = context.Saga.Checkpoint,
            }));
    }

    extension(EventActivityBinder<TaskSaga, AmendTask> step)
    {
        /// <summary>From now on the changed wishes count.</summary>
        public EventActivityBinder<TaskSaga, AmendTask> Amend() => step.Then(context =>
        {
            var (saga, change) = (context.Saga, context.Message.Amendment);
            saga.Amendment = (saga.Amendment ?? new TaskAmendment()).Then(change with { Parameters = null });
            if (change.Deadline is not null || change.NoDeadline)
            {
                saga.Deadline = saga.Asked.Deadline;
                (saga.DeadlineLeftMs, saga.ExtendsDeadline) = (null, false);
            }

            // StateSync stores both together.
            if (change.Metadata is not null)
            {
                saga.Cause = saga.Cause with
                {
                    Amendment = change with { Metadata = saga.Asked.Metadata, Parameters = saga.Task.Parameters },
                };
            }
        });
    }

    extension(EventActivityBinder<TaskSaga, ProvideInput> step)
    {
        /// <summary>The answer serves this attempt and every later one.</summary>
        public EventActivityBinder<TaskSaga, ProvideInput> KeepInput() => step.Then(context =>
        {
            var saga = context.Saga;
            var (input, seal) = TaskSteps.Policy(context).Seals.Taken(saga.Task, saga.Question!, context.Message.Input);
            if (seal != saga.Task.Seal) { saga.Task = saga.Task with { Seal = seal }; }
            var inputs = JsonNode.Parse(saga.Inputs ?? "{}")!.AsObject();
            inputs[saga.Question!.Key] = JsonNode.Parse(input.GetRawText());
            saga.Inputs = inputs.ToJsonString(WireJson.Options);
        });

        /// <summary>The agent that asked hears the answer.</summary>
        public EventActivityBinder<TaskSaga, ProvideInput> TellAgentTheInput() => step.ThenAsync(context =>
            TellInput(context, context.Saga.AgentId!, context.Saga.Question!.Key, context.Message));
    }

    extension(EventActivityBinder<TaskSaga, RequireInput> step)
    {
        /// <summary>The question stands until it is answered.</summary>
        public EventActivityBinder<TaskSaga, RequireInput> KeepQuestion() => step.Then(context =>
            context.Saga.Question = context.Message.Question with { AskedAt = TaskSteps.Policy(context).Now });

        /// <summary>The answer once more.</summary>
        public EventActivityBinder<TaskSaga, RequireInput> AnswerAgain() => step.ThenAsync(context =>
            TellInput(context, context.Message.AgentId, context.Message.Question.Key, new ProvideInput
            {
                TaskId = context.Saga.TaskId,
                CommandId = "answered-before",
                Input = default,
            }));
    }

    extension(EventActivityBinder<TaskSaga, TaskCheckpoint> step)
    {
        /// <summary>Keeps a place to go on from, or writes down why not.</summary>
        public EventActivityBinder<TaskSaga, TaskCheckpoint> KeepCheckpoint() => step.Then(context =>
        {
            var (saga, said) = (context.Saga, context.Message);
            if (ReportVerdicts.OfCheckpoint(saga, said) is { } refusal)
            {
                TaskSteps.Note(context, refusal);
                return;
            }

            (saga.Checkpoint, saga.CheckpointAttempt, saga.CheckpointNumber) = (said.ResumeToken, said.Attempt, said.Number);
        });
    }

    extension(EventActivityBinder<TaskSaga, ControlAcknowledged> step)
    {
        /// <summary>The agent has heard of the pause; from here its grace runs.</summary>
        public EventActivityBinder<TaskSaga, ControlAcknowledged> NoteReached() => step.Then(context =>
            context.Saga.Commands = [.. context.Saga.Commands.Select(note =>
                note.Id == context.Message.CommandId ? note with { Reached = true } : note)]);
    }

    extension(EventActivityBinder<TaskSaga> entering)
    {
        /// <summary>Paused: what is not kept is given back; the clock stops where that was wanted.</summary>
        public EventActivityBinder<TaskSaga> Rest() => entering.ThenAsync(context =>
        {
            var saga = context.Saga;
            if (saga is { ExtendsDeadline: true, Deadline: { } deadline })
            {
                var left = deadline - TaskSteps.Policy(context).Now;
                saga.DeadlineLeftMs = Math.Max(0, (long)left.TotalMilliseconds);
                saga.Deadline = null;
                saga.Cause = saga.Cause with { Amendment = new TaskAmendment { NoDeadline = true } };
            }

            saga.KeepsRoom = saga is { KeepsRoom: true, HoldsRoom: true, AgentId: not null };
            if (saga.KeepsRoom) { return Task.CompletedTask; }
            saga.AgentId = null;
            return TaskSteps.GiveRoomBack(context);
        });
    }

    // The answer as it is kept; one that is sealed goes with the key, for this agent and this attempt.
    private static async Task TellInput(BehaviorContext<TaskSaga> context, string agentId, string key, ProvideInput answer)
    {
        var (saga, input) = (context.Saga, InputOf(context.Saga, key)!.Value);
        var seal = SealedFields.HasSealed(input)
            ? await TaskSteps.Policy(context).Seals.For(saga.Task.Seal, agentId, saga.Attempt, context.CancellationToken).ConfigureAwait(false)
            : null;
        await TaskSteps.Say(context, Endpoints.AgentControl(agentId), answer with { Attempt = saga.Attempt, Key = key, Input = input, Seal = seal })
            .ConfigureAwait(false);
    }

    /// <summary>The answer to a question of this key, if there is one.</summary>
    public static JsonElement? InputOf(TaskSaga saga, string key) =>
        saga.Inputs is { } inputs && JsonElement.Parse(inputs).TryGetProperty(key, out var input) ? input : null;
}
