-- Nobody searches by these; autovacuum would sort thousands of them to learn how they are distributed.
ALTER TABLE resource_manager.reservation ALTER COLUMN trace_parent SET STATISTICS 0;
ALTER TABLE resource_manager.ledger SET (autovacuum_vacuum_insert_threshold = -1);
