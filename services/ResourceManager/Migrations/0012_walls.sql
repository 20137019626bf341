-- The second wall between tenants, as in the other services: whoever is not the service itself sees the rows of one tenant (decision 0010).
-- As a case, of which the planner expects that it is often true (decision 0008).
create function resource_manager.is_of_tenant(id text, tenant text) returns boolean language sql immutable parallel safe
  return case tenant when 'default' then case when position('@' in id) = 0 then true else false end else starts_with(id, tenant || '@') end;
alter table resource_manager.reservation enable row level security;
create policy one_tenant on resource_manager.reservation for select using (resource_manager.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter table resource_manager.ledger enable row level security;
create policy one_tenant on resource_manager.ledger for select using (resource_manager.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter table resource_manager.claim enable row level security;
create policy one_tenant on resource_manager.claim for select using (resource_manager.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter table resource_manager.allocation_saga enable row level security;
create policy one_tenant on resource_manager.allocation_saga for select using (resource_manager.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter table resource_manager.device_hold enable row level security;
create policy one_tenant on resource_manager.device_hold for select using (resource_manager.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
