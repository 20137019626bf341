-- The public truth about tasks. Documents are text and not jsonb: parameters and results come back as they were sent (1.0 stays 1.0,
-- keys keep their order), and jsonb refuses \u0000. Names compare byte by byte ("C"), as the in-memory store does, and so that a
-- prefix of a type is a range of the index.

create table {schema}.task_state (
  task_id            text collate "C" not null primary key,
  task_type          text collate "C" not null,
  state              text not null check (state in ('unknown', 'submitted', 'blocked', 'queued', 'offered', 'running', 'paused',
                       'input_required', 'completed', 'failed', 'cancelled', 'rejected', 'expired')),
  phase              text not null check (phase in ('', 'validating', 'retry_wait', 'pausing', 'resuming', 'cancelling')),
  version            bigint not null check (version >= 1),
  sequence           bigint not null check (sequence between 1 and version),
  attempt            integer not null check (attempt >= 0),
  agent_id           text collate "C",
  priority           integer not null,
  requester_agent_id text collate "C",
  progress           double precision not null check (progress between 0 and 1),
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  ended_at           timestamptz,
  -- Which partial result came last; a redelivery is recognised by it.
  partial_portion    double precision,
  partial_at_ms      bigint,
  -- Rewritten with every version, hence without what may be large.
  document           text not null,
  -- Parameters and metadata: written once, with version 1.
  input              text,
  -- Result and execution metadata: written once, at the end.
  output             text
) with (fillfactor = 80);

create index task_state_recent on {schema}.task_state (updated_at desc, task_id);
create index task_state_by_state on {schema}.task_state (state, updated_at desc, task_id);
create index task_state_by_type on {schema}.task_state (task_type, updated_at desc, task_id);
create index task_state_by_requester on {schema}.task_state (requester_agent_id, updated_at desc, task_id)
  where requester_agent_id is not null;

-- Append-only: every version that a document ever had.
create table {schema}.state_change (
  task_id  text collate "C" not null,
  version  bigint not null check (version >= 1),
  -- The Scheduler's number of the step; null when a report of an agent made the version.
  sequence bigint,
  at       timestamptz not null,
  change   text not null,
  primary key (task_id, version)
);

-- What came before its time: transitions by sequence, and the furthest report of an attempt that is not known to run yet (number 0).
create table {schema}.held (
  task_id text collate "C" not null,
  kind    text not null check (kind in ('transition', 'status', 'partial')),
  number  bigint not null,
  at      timestamptz not null,
  body    text not null,
  primary key (task_id, kind, number)
);

create index held_since on {schema}.held (at);
