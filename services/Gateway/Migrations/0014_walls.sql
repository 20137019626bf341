-- Reads on behalf of a caller run in a role of this service alone, so that the tables of another service are out of its reach.
do $$
begin
  if not exists (select from pg_roles where rolname = 'a2a_gateway_reader') then
    create role a2a_gateway_reader nologin;
  end if;
exception when duplicate_object or unique_violation then
  null;
end $$;
do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) and not pg_has_role(current_user, 'a2a_gateway_reader', 'member') then
    execute format('grant a2a_gateway_reader to %I', current_user);
  end if;
end $$;
grant usage on schema gateway to a2a_gateway_reader;
revoke all on all tables in schema gateway from a2a_reader;
revoke usage on schema gateway from a2a_reader;

-- As a case, of which the planner expects that it is often true (decision 0008).
create function gateway.is_of_tenant(id text, tenant text) returns boolean language sql immutable parallel safe
  return case tenant when 'default' then case when position('@' in id) = 0 then true else false end else starts_with(id, tenant || '@') end;

-- Whoever reads sees the rows of one tenant, whatever its role; the service itself has a policy of its own (Migrator).
drop policy one_tenant on gateway.submission;
drop policy one_tenant on gateway.workflow;
drop policy one_tenant on gateway.command;
drop function gateway.tenant_of(text);
grant select on gateway.submission, gateway.workflow, gateway.command, gateway.webhook, gateway.webhook_delivery, gateway.webhook_attempt
  to a2a_gateway_reader;
create policy one_tenant on gateway.submission for select using (gateway.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
create policy one_tenant on gateway.workflow for select using (gateway.is_of_tenant(workflow_id, current_setting('a2a.tenant', true)));
create policy one_tenant on gateway.command for select using (gateway.is_of_tenant(command_id, current_setting('a2a.tenant', true)));
alter table gateway.dead_letter enable row level security;
create policy one_tenant on gateway.dead_letter for select using (gateway.is_of_tenant(coalesce(task_id, ''), current_setting('a2a.tenant', true)));
alter table gateway.webhook enable row level security;
create policy one_tenant on gateway.webhook for select using (gateway.is_of_tenant(webhook_id, current_setting('a2a.tenant', true)));
alter table gateway.webhook_delivery enable row level security;
create policy one_tenant on gateway.webhook_delivery for select using (gateway.is_of_tenant(webhook_id, current_setting('a2a.tenant', true)));
alter table gateway.webhook_attempt enable row level security;
create policy one_tenant on gateway.webhook_attempt for select
  using (exists (select from gateway.webhook_delivery where webhook_delivery.delivery_id = webhook_attempt.delivery_id));
-- A tenant stands in front of a key, with a line feed, which no key has.
alter table gateway.idempotency_key enable row level security;
create policy one_tenant on gateway.idempotency_key for select using (
  case current_setting('a2a.tenant', true) when 'default' then position(e'\n' in key) = 0
    else starts_with(key, current_setting('a2a.tenant', true) || e'\n') end);
