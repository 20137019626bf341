-- Waiting for others. A row in state 'awaited' is a task that nobody has submitted yet, kept for those who wait for it: it has no number.
alter table {schema}.task_saga rename column task to first_task;
alter table {schema}.task_saga
  -- What replaced first_task after the row was made: a submission that came after its watchers, parameters that were passed on.
  add column later_task       json,
  add column watchers         json    not null default '[]',
  add column settled          json    not null default '[]',
  add column has_started      boolean not null default false,
  -- The result as long as others may ask for parts of it; null when it is too large for that.
  add column result           json,
  add column has_large_result boolean not null default false,
  drop constraint task_saga_state_check,
  add constraint task_saga_state_check check (state in ('awaited', 'submitted', 'blocked', 'queued', 'offered', 'running', 'paused',
                                'input_required', 'completed', 'failed', 'cancelled', 'rejected', 'expired')),
  drop constraint task_saga_sequence_check,
  add constraint task_saga_sequence_check check (sequence > 0 or (state = 'awaited' and sequence = 0));
