using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Groups;
using A2A.Micro.Scheduler.Tasks;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>The verbs of waiting for others, and of being waited for.</summary>
internal static class DependencySteps
{
    extension<T>(EventActivityBinder<TaskSaga, T> step) where T : class
    {
        /// <summary>Looks whether the task waits for itself; the verdict that follows refuses it then.</summary>
        public EventActivityBinder<TaskSaga, T> LookForCycle() => step.ThenAsync(async context =>
        {
            var saga = context.Saga;
            saga.Cycle = saga.Watchers.Count > 0 && DependencyVerdicts.Open(saga).Any()
                ? await Services(context).GetRequiredService<CycleSearch>().Find(saga, context.CancellationToken).ConfigureAwait(false)
                : null;
        });

        /// <summary>Asks every dependency of which nothing is known yet.</summary>
        public EventActivityBinder<TaskSaga, T> AskDependencies() => step.ThenAsync(context =>
            Task.WhenAll(DependencyVerdicts.Open(context.Saga).Select(open => Ask(context, open)).Append(AskParent(context))));

        /// <summary>The task has found its place, if it has: the children that waited for that are taken in.</summary>
        public EventActivityBinder<TaskSaga, T> TakeChildrenIn() => step.ThenAsync(context =>
        {
            var (children, answers) = Family.TakeIn(context.Saga);
            context.Saga.Watchers = children;
            return Task.WhenAll(answers.Select(answer => Answer(context, answer)));
        });

        /// <summary>Others wait for this task, but nobody has submitted it: there is nothing to command.</summary>
        public EventActivityBinder<TaskSaga, T> RefuseUnknown() => step.ThenAsync(CommandAnswers.RefuseUnknown);

        /// <summary>What the dependencies hand over becomes part of the parameters, before anybody is offered the task.</summary>
        public EventActivityBinder<TaskSaga, T> TakeInputs() => step.Then(context =>
        {
            if (context.Saga.Judgement?.Parameters is { } parameters)
            {
                context.Saga.Task = context.Saga.Task with { Parameters = parameters };
            }
        });
    }

    extension(EventActivityBinder<TaskSaga, SubmitTask> step)
    {
        /// <summary>Whose child it is, is known now: an agent that waited for the child of another task is told nothing.</summary>
        public EventActivityBinder<TaskSaga, SubmitTask> ForgetStrangers() => step.Then(context =>
        {
            if (!context.Saga.Watchers.Any(watcher => AgentWatch.IsStranger(context.Saga, watcher))) { return; }
            context.Saga.Watchers = [.. context.Saga.Watchers.Where(watcher => !AgentWatch.IsStranger(context.Saga, watcher))];
            TaskSteps.Note(context, RefusalReason.NotOwner, nameof(WatchDependency));
        });
    }

    extension(EventActivityBinder<TaskSaga, WatchDependency> step)
    {
        /// <summary>Somebody waits for this task: remembered, or answered when there is an answer already.</summary>
        public EventActivityBinder<TaskSaga, WatchDependency> Watch() => step.ThenAsync(async context =>
        {
            if (await Services(context).GetRequiredService<AgentWatch>().Refuses(context.Saga, context.Message, context.CancellationToken)
                .ConfigureAwait(false))
            {
                TaskSteps.Note(context, RefusalReason.NotOwner);
                return;
            }

            var limits = Policy(context).Options.Family;
            if (context.Message is { AsChild: true, Admission: { } admission })
            {
                (context.Saga.Descendants, var word) = Family.Count(context.Saga, admission, limits);
                await Say(context, word).ConfigureAwait(false);
                return;
            }

            var (watchers, answer) = context.Message.AsChild
                ? Family.Ask(context.Saga, context.Message, limits)
                : Watching.Ask(context.Saga, context.Message);
            context.Saga.Watchers = watchers;
            if (answer is not null) { await Answer(context, answer).ConfigureAwait(false); }
        });

        /// <summary>Somebody waits for a task that nobody has submitted: who it is is kept until then, or until patience ends.</summary>
        public EventActivityBinder<TaskSaga, WatchDependency> Await() => step.Watch().Then(context =>
        {
            var (saga, policy) = (context.Saga, Policy(context));
            saga.TaskId = context.Message.TaskId;
            saga.CreatedAt = saga.Version == 0 ? policy.Now : saga.CreatedAt;
            saga.UpdatedAt = policy.Now;
            saga.DueAt = saga.WakeAt = Watching.Patience(saga.Watchers, policy.Options.DependencyWait);
        });
    }

    extension(EventActivityBinder<TaskSaga, DependencySettled> step)
    {
        /// <summary>The word came without the parts of the result; they are asked for.</summary>
        public EventActivityBinder<TaskSaga, DependencySettled> AskForParts() => step.ThenAsync(context =>
            Ask(context, context.Saga.Task.Dependencies.First(one => one.TaskId == context.Message.DependencyId)));
    }

    extension(EventActivityBinder<TaskSaga, TaskDue> step)
    {
        /// <summary>Nobody has submitted the task for long enough: those who wait for it are told so.</summary>
        public EventActivityBinder<TaskSaga, TaskDue> GiveUpWaiting() => step.ThenAsync(context =>
        {
            var (saga, patience) = (context.Saga, Policy(context).Options.DependencyWait);
            var (watchers, words) = Watching.GiveUp(saga, context.Message.Now, patience);
            saga.Watchers = watchers;
            saga.DueAt = saga.WakeAt = Watching.Patience(watchers, patience);
            return Task.WhenAll(words.Select(word => Say(context, word)));
        });
    }

    extension(EventActivityBinder<TaskSaga> entering)
    {
        /// <summary>It has begun: whoever waits for that is told.</summary>
        public EventActivityBinder<TaskSaga> TellOfStart() => entering.ThenAsync(context =>
        {
            var isFirst = !context.Saga.HasStarted;
            context.Saga.HasStarted = true;
            return isFirst ? Task.WhenAll(Tell(context), GroupSteps.TellOfStart(context)) : Tell(context);
        });

        /// <summary>It has ended: everybody who waits is told, children go with it, and what may be asked for later is kept.</summary>
        public EventActivityBinder<TaskSaga> TellOfEnd() => entering.ThenAsync(async context =>
        {
            var saga = context.Saga;
            saga.Result = Watching.Keep(saga.Cause.Result);
            saga.HasLargeResult = saga.Cause.Result is not null && saga.Result is null;
            saga.Error = saga.Cause.Error;
            await Tell(context).ConfigureAwait(false);
            await GroupSteps.TellOfEnd(context).ConfigureAwait(false);
            // Left as it is where there is nobody: a column that does not change is not written.
            if (saga.Watchers.Count == 0) { return; }
            var (cancels, answers) = Family.TellOfEnd(saga);
            saga.Watchers = [.. saga.Watchers.Where(watcher => watcher is { AsChild: true, IsTakenIn: true })];
            foreach (var cancel in cancels) { await Say(context, cancel).ConfigureAwait(false); }
            foreach (var answer in answers) { await Say(context, answer).ConfigureAwait(false); }
        });
    }

    private static Task Tell(BehaviorContext<TaskSaga> context)
    {
        var (watchers, words) = Watching.Tell(context.Saga);
        context.Saga.Watchers = watchers;
        return Task.WhenAll(words.Select(word => Say(context, word)));
    }

    private static Task Ask(BehaviorContext<TaskSaga> context, Dependency dependency) => Say(context, new WatchDependency
    {
        TaskId = dependency.TaskId,
        DependentId = context.Saga.TaskId,
        WaitingSince = context.Saga.CreatedAt,
        UntilStarted = dependency.Condition == DependencyCondition.Started,
        Outputs = dependency.Map is { } map ? [.. map.Keys] : null,
    });

    private static Task AskParent(BehaviorContext<TaskSaga> context) =>
        Family.HasPlace(context.Saga) ? Task.CompletedTask : Say(context, new WatchDependency
        {
            TaskId = context.Saga.Task.ParentTaskId!,
            DependentId = context.Saga.TaskId,
            WaitingSince = context.Saga.CreatedAt,
            AsChild = true,
            OnParentEnd = context.Saga.Task.OnParentEnd,
        });

    // The yes to a child passes the one at the top, who counts.
    private static Task Answer(BehaviorContext<TaskSaga> context, DependencySettled word) =>
        word.Depth is not null && Family.Above(context.Saga) is { } root
            ? Say(context, new WatchDependency
            {
                TaskId = root,
                DependentId = word.TaskId,
                WaitingSince = context.Saga.CreatedAt,
                AsChild = true,
                Admission = word,
            })
            : Say(context, word);

    private static Task Say(BehaviorContext<TaskSaga> context, DependencySettled word) =>
        TaskSteps.Say(context, word.AgentId is { } agent ? Endpoints.AgentControl(agent) : Endpoints.Tasks, word);

    private static Task Say<TMessage>(BehaviorContext<TaskSaga> context, TMessage message) where TMessage : class =>
        TaskSteps.Say(context, Endpoints.Tasks, message);

    private static TaskPolicy Policy(BehaviorContext<TaskSaga> context) => Services(context).GetRequiredService<TaskPolicy>();

    private static IServiceProvider Services(BehaviorContext<TaskSaga> context) => context.GetPayload<IServiceProvider>();
}
