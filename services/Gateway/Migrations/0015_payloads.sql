-- Parameters and results that are too large to travel with every message. They are kept as long as any of the tasks that they belong to.
create table gateway.payload (
  payload_id uuid        not null primary key,
  tenant     text        not null,
  task_ids   text[]      not null,
  bytes      integer     not null,
  sha256     text        not null,
  parts      integer     not null,
  -- When it is asked next whether its tasks are still there.
  look_at    timestamptz not null,
  constraint payload_parts check (parts between 1 and 100)
);
create index payload_look_at on gateway.payload (look_at);

create table gateway.payload_part (
  payload_id uuid    not null references gateway.payload on delete cascade,
  number     integer not null,
  data       bytea   not null,
  primary key (payload_id, number)
);
-- Compressed before it came here.
alter table gateway.payload_part alter column data set storage external;

grant select on gateway.payload, gateway.payload_part to a2a_gateway_reader;
alter table gateway.payload enable row level security;
alter table gateway.payload_part enable row level security;
create policy one_tenant on gateway.payload for select using (tenant = current_setting('a2a.tenant', true));
create policy one_tenant on gateway.payload_part for select
  using (exists (select from gateway.payload as whole
    where whole.payload_id = payload_part.payload_id and whole.tenant = current_setting('a2a.tenant', true)));
