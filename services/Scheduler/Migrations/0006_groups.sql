-- Tasks that several agents do: who they are, and what each came to.
alter table {schema}.task_saga
  add column members json not null default '[]';
