-- Children: how deep a task stands (a child that was not taken in yet: 0), and whether its end leaves them alone. Who they are is in watchers.
alter table {schema}.task_saga
  add column depth           int     not null default 0 check (depth between 0 and 8),
  add column spares_children boolean not null default false,
  -- Why it ended without a result, for an agent that asks after the end.
  add column error           json;
