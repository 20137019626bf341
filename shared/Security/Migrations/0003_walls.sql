-- The second wall between tenants: whoever is not the service itself sees the rows of one tenant (decision 0010).
alter table security.api_key enable row level security;
create policy one_tenant on security.api_key for select using (tenant = current_setting('a2a.tenant', true));
alter table security.audit enable row level security;
create policy one_tenant on security.audit for select using (tenant = current_setting('a2a.tenant', true));
