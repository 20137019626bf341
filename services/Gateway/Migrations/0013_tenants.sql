-- Reads on behalf of a caller run in this role, which row-level security shows the rows of one tenant only; the service itself owns the tables and is not
-- bound by it, so what is written costs nothing more. The role belongs to the whole server: another schema may have made it already.
do $$
begin
  if not exists (select from pg_roles where rolname = 'a2a_reader') then
    create role a2a_reader nologin;
  end if;
exception when duplicate_object or unique_violation then
  null;
end $$;
do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) and not pg_has_role(current_user, 'a2a_reader', 'member') then
    execute format('grant a2a_reader to %I', current_user);
  end if;
end $$;

-- Ids carry their tenant: acme@task-1. The tenant's name has 40 characters at most.
alter table gateway.submission drop constraint submission_task_id_length,
  add constraint submission_task_id_length check (length(task_id) between 1 and 169);
alter table gateway.idempotency_key drop constraint idempotency_key_length,
  add constraint idempotency_key_length check (length(key) between 1 and 296);
alter table gateway.workflow drop constraint workflow_id_length,
  add constraint workflow_id_length check (length(workflow_id) between 1 and 153);
alter table gateway.command drop constraint command_id_length,
  add constraint command_id_length check (length(command_id) between 1 and 201);

create function gateway.tenant_of(id text) returns text language sql immutable parallel safe
  return case when position('@' in id) = 0 then 'default' else split_part(id, '@', 1) end;

grant usage on schema gateway to a2a_reader;
grant select on gateway.submission, gateway.workflow, gateway.command to a2a_reader;
alter table gateway.submission enable row level security;
alter table gateway.workflow enable row level security;
alter table gateway.command enable row level security;
create policy one_tenant on gateway.submission for select to a2a_reader using (gateway.tenant_of(task_id) = current_setting('a2a.tenant', true));
create policy one_tenant on gateway.workflow for select to a2a_reader using (gateway.tenant_of(workflow_id) = current_setting('a2a.tenant', true));
create policy one_tenant on gateway.command for select to a2a_reader using (gateway.tenant_of(command_id) = current_setting('a2a.tenant', true));
