-- Who may come in. Of a key only the hash of its secret is kept: what stands here opens nothing.
create table security.api_key (
  key_id       text        not null primary key,
  secret_hash  bytea       not null check (octet_length(secret_hash) = 32),
  subject      text        not null check (length(subject) between 1 and 128),
  tenant       text        not null check (tenant ~ '^[a-z0-9-]{1,40}$'),
  scopes       integer     not null,
  created_at   timestamptz not null,
  not_after    timestamptz null,
  revoked_at   timestamptz null,
  last_used_at timestamptz null
);

create index api_key_of_tenant on security.api_key (tenant, created_at desc, key_id);
create index api_key_of_subject on security.api_key (tenant, subject) where revoked_at is null;
