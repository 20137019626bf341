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

create function {schema}.tenant_of(id text) returns text language sql immutable parallel safe
  return case when position('@' in id) = 0 then 'default' else split_part(id, '@', 1) end;

grant usage on schema {schema} to a2a_reader;
grant select on {schema}.task_state, {schema}.state_change, {schema}.task_label to a2a_reader;
alter table {schema}.task_state enable row level security;
alter table {schema}.state_change enable row level security;
alter table {schema}.task_label enable row level security;
create policy one_tenant on {schema}.task_state for select to a2a_reader
  using ({schema}.tenant_of(task_id) = current_setting('a2a.tenant', true));
create policy one_tenant on {schema}.state_change for select to a2a_reader
  using ({schema}.tenant_of(task_id) = current_setting('a2a.tenant', true));
create policy one_tenant on {schema}.task_label for select to a2a_reader
  using ({schema}.tenant_of(task_id) = current_setting('a2a.tenant', true));
