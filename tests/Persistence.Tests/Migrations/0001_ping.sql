create table {schema}.ping_saga (
  correlation_id uuid primary key,
  version        int  not null,
  state          text not null,
  due_at         timestamptz,
  expires_at     timestamptz,
  trace_parent   text,
  count          int  not null check (count < 1000),
  last_word      text,
  words          json not null,
  seen_at        timestamptz,
  factor         double precision not null,
  born           text not null
);
