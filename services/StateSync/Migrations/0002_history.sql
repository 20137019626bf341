-- History of a task type: its last ended tasks, for estimates. Partial, so that only the end of a task touches it.
create index task_state_history on {schema}.task_state (task_type, ended_at desc) where ended_at is not null;
