-- Nobody searches by these; autovacuum would sort thousands of them to learn how they are distributed.
alter table {schema}.task_state
    alter column document set statistics 0,
    alter column input set statistics 0,
    alter column output set statistics 0;
alter table {schema}.state_change alter column change set statistics 0;
alter table {schema}.state_change set (autovacuum_vacuum_insert_threshold = -1);
