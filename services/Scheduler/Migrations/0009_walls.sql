-- The second wall between tenants, as in the other services: whoever is not the service itself sees the rows of one tenant (decision 0010).
-- As a case, of which the planner expects that it is often true (decision 0008).
create function {schema}.is_of_tenant(id text, tenant text) returns boolean language sql immutable parallel safe
  return case tenant when 'default' then case when position('@' in id) = 0 then true else false end else starts_with(id, tenant || '@') end;
alter table {schema}.task_saga enable row level security;
create policy one_tenant on {schema}.task_saga for select using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
