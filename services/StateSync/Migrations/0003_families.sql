-- The children of a task: for the tree and the list. Partial, because most tasks stand alone.
alter table {schema}.task_state add column parent_task_id text collate "C";
create index task_state_by_parent on {schema}.task_state (parent_task_id, created_at, task_id) where parent_task_id is not null;
