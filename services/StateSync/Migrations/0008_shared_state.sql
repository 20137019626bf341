-- What agents share under the name of a task. Text and not jsonb, as everything that callers write: it comes back as it was sent.
create table {schema}.shared_state (
  task_id    text collate "C" not null,
  name       text collate "C" not null,
  version    bigint not null check (version >= 1),
  -- Null: taken away; the version goes on.
  value      text,
  agent_id   text collate "C",
  updated_at timestamptz not null,
  -- The updates that made the last versions, to recognise repeats.
  recent     uuid[] not null,
  primary key (task_id, name)
);

create index shared_state_age on {schema}.shared_state (updated_at);
