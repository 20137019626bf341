-- Which tasks have ended long enough ago.
create index task_state_ended on {schema}.task_state (ended_at) where ended_at is not null;
