-- Ids carry their tenant: acme@task-1. The tenant's name has 40 characters at most.
alter table {schema}.task_saga drop constraint task_saga_task_id_check,
  add constraint task_saga_task_id_check check (length(task_id) <= 169);
