create table {schema}.task_saga (
  correlation_id  uuid        primary key,
  version         int         not null check (version > 0),
  state           text        not null check (state in ('submitted', 'blocked', 'queued', 'offered', 'running', 'paused',
                                'input_required', 'completed', 'failed', 'cancelled', 'rejected', 'expired')),
  phase           text        not null check (phase in ('', 'validating', 'retry_wait', 'pausing', 'resuming', 'cancelling')),
  task_id         text        not null check (length(task_id) <= 128),
  task            json        not null,
  sequence        bigint      not null check (sequence > 0),
  attempt         int         not null check (attempt >= 0),
  failures        int         not null check (failures >= 0),
  losses          int         not null check (losses >= 0),
  holds_room      boolean     not null,
  agent_id        text,
  avoid_agent     text,
  excluded_agents json        not null,
  notes           json        not null,
  refused         json        not null,
  deadline        timestamptz,
  wake_at         timestamptz,
  due_at          timestamptz,
  command_id      text,
  cancel_reason   text,
  trace_parent    text,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  -- A task that has ended holds nothing and is never woken.
  check (state not in ('completed', 'failed', 'cancelled', 'rejected', 'expired') or (due_at is null and not holds_room))
);
create index task_saga_due_at on {schema}.task_saga (due_at) where due_at is not null;
create index task_saga_open on {schema}.task_saga (state, updated_at)
  where state not in ('completed', 'failed', 'cancelled', 'rejected', 'expired');
