-- Reads on behalf of a caller run in a role of this service alone, so that the tables of another service are out of its reach.
do $$
begin
  if not exists (select from pg_roles where rolname = 'a2a_state_sync_reader') then
    create role a2a_state_sync_reader nologin;
  end if;
exception when duplicate_object or unique_violation then
  null;
end $$;
do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) and not pg_has_role(current_user, 'a2a_state_sync_reader', 'member') then
    execute format('grant a2a_state_sync_reader to %I', current_user);
  end if;
end $$;
grant usage on schema {schema} to a2a_state_sync_reader;
revoke all on all tables in schema {schema} from a2a_reader;
revoke usage on schema {schema} from a2a_reader;
drop policy one_tenant on {schema}.task_state;
drop policy one_tenant on {schema}.state_change;
drop policy one_tenant on {schema}.task_label;
grant select on {schema}.task_state, {schema}.state_change, {schema}.task_label to a2a_state_sync_reader;

-- Whoever reads sees the rows of one tenant, whatever its role; the service itself has a policy of its own (Migrator).
create policy one_tenant on {schema}.task_state for select using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
create policy one_tenant on {schema}.state_change for select using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
create policy one_tenant on {schema}.task_label for select using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter table {schema}.held enable row level security;
create policy one_tenant on {schema}.held for select using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter table {schema}.shared_state enable row level security;
create policy one_tenant on {schema}.shared_state for select using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
