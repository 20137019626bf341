-- When a task that has ended may be forgotten.
alter table {schema}.task_saga add column expires_at timestamptz;
update {schema}.task_saga set expires_at = updated_at + interval '30 days'
  where state in ('completed', 'failed', 'cancelled', 'rejected', 'expired');
create index task_saga_expires_at on {schema}.task_saga (expires_at) where expires_at is not null;
