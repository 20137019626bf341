-- Nobody searches by these; autovacuum would sort thousands of them to learn how they are distributed.
alter table {schema}.submission
    alter column task set statistics 0,
    alter column body_hash set statistics 0,
    alter column trace_parent set statistics 0;
alter table {schema}.submission set (autovacuum_vacuum_insert_threshold = -1);
