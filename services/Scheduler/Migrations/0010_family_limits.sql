-- How large a family is: each child knows the task at the top, and that one counts all that stand below it.
alter table {schema}.task_saga
  add column root_id     text null,
  add column descendants json not null default '[]';
