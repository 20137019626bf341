using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.Verification;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Folds messages into the record of a task (architecture 4): transitions in the order of their sequence and in no other, reports
/// only while their attempt runs, whatever comes too early waits. Pure: both stores decide by it and differ only in where they keep
/// the outcome.
/// </summary>
public static class StateRules
{
    /// <summary>What one message does to a record.</summary>
    public static StateOutcome Apply(TaskRecord record, StateInput input, DateTimeOffset now)
    {
        // Stored times have milliseconds (R15); a finer one would differ from itself after a restart.
        var fold = new Fold(record, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()));
        if (Check(input) is { } refusal) { return fold.Refuse(refusal); }
        return input switch
        {
            StateInput.Transition transition => fold.Take(transition.Message),
            StateInput.Status status => fold.Take(status.Message),
            StateInput.Partial partial => fold.Take(partial.Message),
            StateInput.Mend mend => fold.Take(mend),
            _ => throw new ArgumentOutOfRangeException(nameof(input), input.GetType(), "not one of the inputs"),
        };
    }

    /// <summary>What is wrong with a message by itself, whatever its task looks like; null when nothing is.</summary>
    public static Refusal? Check(StateInput input) => input switch
    {
        StateInput.Transition transition => ReportRules.Check(transition.Message),
        StateInput.Status status => ReportRules.Check(status.Message),
        StateInput.Partial partial => ReportRules.Check(partial.Message),
        _ => null,
    };

    private sealed class Fold(TaskRecord record, DateTimeOffset now)
    {
        private readonly List<NumberedChange> _changes = [];
        private readonly List<Refusal> _refusals = [];
        private TaskRecord _record = record;

        public StateOutcome Take(TaskTransitioned step)
        {
            var known = _record.Document?.Sequence ?? 0;
            if (step.Sequence <= known) { return End() with { RepeatedSequence = step.Sequence }; }
            if (step.Sequence > known + 1)
            {
                if (!_record.Early.ContainsKey(step.Sequence))
                {
                    _record = _record with { Early = _record.Early.Add(step.Sequence, step) };
                }

                return End() with { HeldBack = true };
            }

            Advance(step);
            while (_record.Early.TryGetValue(_record.Document!.Sequence + 1, out var next)) { Advance(next); }
            return End();
        }

        public StateOutcome Take(TaskStatusUpdate status)
        {
            switch (ReportRules.Stand(_record.Document, status.Attempt!.Value, status.ExecutorAgentId))
            {
                case Standing.IsOver over:
                    return Refuse(over.Refusal);
                case Standing.IsEarly:
                    if (ReportRules.IsFurther(status, _record.EarlyStatus))
                    {
                        _record = _record with { EarlyStatus = status };
                    }

                    return End() with { HeldBack = true };
                default:
                    return Report(status) is { Kind: RefusalKind.Repeated } ? End() with { Again = Latest() } : End();
            }
        }

        public StateOutcome Take(TaskPartial partial)
        {
            switch (ReportRules.StandOf(partial, _record.Document))
            {
                case Standing.IsOver over:
                    return Refuse(over.Refusal);
                case Standing.IsEarly:
                    if (!_record.EarlyPartials.Contains(partial))
                    {
                        if (!_record.EarlyPartials.HasRoomFor(partial)) { return Refuse(ReportRules.TooManyEarly); }
                        _record = _record with { EarlyPartials = _record.EarlyPartials.With(partial) };
                    }

                    return End() with { HeldBack = true };
                default:
                    return Report(partial) is { Kind: RefusalKind.Repeated } ? End() with { Again = Latest() } : End();
            }
        }

        public StateOutcome Take(StateInput.Mend mend)
        {
            if (_record.Document is not { } document || document.Version != mend.Seen) { return End(); }
            if (HistoryRules.Mend(document, mend.History, now) is not { } mended) { return End(); }
            _record = _record with { Document = mended.Document };
            _changes.AddRange(mended.Changes.Select(change => new NumberedChange(null, change)));
            return End();
        }

        private void Advance(TaskTransitioned step)
        {
            var before = _record.Document;
            var after = before is null
                ? DocumentRules.Create(step, step.Task!, now)
                : DocumentRules.Advance(before, step, now);
            _record = _record with
            {
                Document = after,
                Input = SmallInput.After(_record.Input, before, step, after),
                Early = _record.Early.Remove(step.Sequence),
                LastPartial = after.Attempt == before?.Attempt ? _record.LastPartial : null,
            };
            _changes.Add(new NumberedChange(step.Sequence, DocumentRules.Describe(after, DocumentRules.Transition) with
            {
                CommandId = step.CommandId,
            }));
            ReleaseReports();
        }

        // After every step and not only after the last one of a gap: an attempt that began and ended in it keeps its
        // progress.
        private void ReleaseReports()
        {
            if (_record.EarlyStatus is { } status)
            {
                Release(ReportRules.Stand(_record.Document, status.Attempt!.Value, status.ExecutorAgentId),
                    () => _record = _record with { EarlyStatus = null }, () => Report(status));
            }

            foreach (var (key, partial) in _record.EarlyPartials.InOrder)
            {
                Release(ReportRules.StandOf(partial, _record.Document),
                    () => _record = _record with { EarlyPartials = _record.EarlyPartials.Without(key) }, () => Report(partial));
            }
        }

        private void Release(Standing standing, Action remove, Func<Refusal?> report)
        {
            if (standing is Standing.IsEarly) { return; }
            remove();
            if (standing is Standing.IsOver over) { _refusals.Add(over.Refusal); }
            else { _ = report(); }
        }

        private Refusal? Report(TaskStatusUpdate status)
        {
            var document = _record.Document!;
            if (ReportRules.Judge(document, status) is { } refusal) { return Note(refusal); }
            document = DocumentRules.Report(document, status, now);
            _record = _record with { Document = document };
            _changes.Add(new NumberedChange(null, DocumentRules.Describe(document, DocumentRules.Progress)));
            return null;
        }

        private Refusal? Report(TaskPartial partial)
        {
            var mark = PartialMark.After(_record.LastPartial, partial, out var refusal);
            if (refusal is not null) { return Note(refusal); }
            var document = DocumentRules.Report(_record.Document!, partial, now);
            _record = _record with { Document = document, LastPartial = mark };
            _changes.Add(new NumberedChange(null, DocumentRules.Describe(document, partial)));
            return null;
        }

        private Refusal Note(Refusal refusal)
        {
            _refusals.Add(refusal);
            return refusal;
        }

        public StateOutcome Refuse(Refusal refusal)
        {
            _refusals.Add(refusal);
            return End();
        }

        private StateChanged Latest() => new()
        {
            TaskId = _record.Document!.TaskId,
            Version = _record.Document.Version,
            Timestamp = _record.Document.UpdatedAt,
        };

        private StateOutcome End() => new() { Record = _record, Changes = _changes, Refusals = _refusals };
    }
}
