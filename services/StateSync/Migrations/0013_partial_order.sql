-- Partial results may overtake each other on the way: the number of the last one, and which of the 64 before it are there (bit k: number - 1 - k).
alter table {schema}.task_state
    add column partial_number integer,
    add column partial_before bigint;
