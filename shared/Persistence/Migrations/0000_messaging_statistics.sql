-- Nobody searches by what a message says, but autovacuum would read thousands of them to learn how they are distributed.
alter table {schema}.inbox alter column outgoing set statistics 0;
alter table {schema}.outbox alter column message set statistics 0;
-- Rows that are only ever added and at last removed need no visit of their own because there are more of them.
alter table {schema}.inbox set (autovacuum_vacuum_insert_threshold = -1);
