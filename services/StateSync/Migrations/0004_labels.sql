-- Metadata that lists can be narrowed by: written with the task and never with its later versions, hence a table of its own and not an index
-- over task_state, which every version would have to maintain. "name=value", byte by byte.
create table {schema}.task_label (
  label   text collate "C" not null,
  task_id text collate "C" not null,
  primary key (label, task_id)
);

create index task_label_of_task on {schema}.task_label (task_id);

-- What an agent has in hand, and what it had last.
create index task_state_by_agent on {schema}.task_state (agent_id, updated_at desc, task_id) where agent_id is not null;
