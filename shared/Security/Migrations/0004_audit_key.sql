-- What a service has decided is said by a message, and a message may come twice: its row is sealed once.
alter table security.audit add column key uuid null;
create unique index audit_key on security.audit (key) where key is not null;
