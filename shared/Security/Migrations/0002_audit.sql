-- What was done and refused, by whom: rows are added and never touched again, each bound to the one before by a hash.
create table security.audit (
  seq       bigint      not null primary key check (seq >= 1),
  at        timestamptz not null,
  actor     text        not null,
  tenant    text        not null,
  action    text        not null,
  object    text        null,
  attempt   integer     null,
  outcome   text        not null,
  reason    text        null,
  ip        text        null,
  trace     text        null,
  prev_hash bytea       not null check (octet_length(prev_hash) = 32),
  hash      bytea       not null check (octet_length(hash) = 32)
);

create index audit_of_tenant on security.audit (tenant, seq);

-- The end of the chain: its lock makes those who seal come one after the other.
create table security.audit_head (
  single boolean not null primary key default true check (single),
  seq  bigint  not null,
  hash bytea   not null
);

insert into security.audit_head (seq, hash) values (0, decode(repeat('00', 32), 'hex'));

create function security.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is written once: % is refused', tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger audit_is_written_once before update or delete on security.audit for each row execute function security.refuse_change();
create trigger audit_is_kept before truncate on security.audit for each statement execute function security.refuse_change();
create trigger audit_head_is_kept before delete or truncate on security.audit_head for each statement execute function security.refuse_change();
