-- What every service needs to take each message once and to lose none on the way out.
create table {schema}.inbox (
  message_id  uuid        not null,
  consumer    text        not null,
  consumed_at timestamptz not null,
  -- What the message caused to be sent, for a redelivery after a crash between commit and acknowledgement.
  outgoing    json,
  primary key (message_id, consumer)
);
-- Not with the consumer in front: a planner without figures would then look up a message by its consumer.
create index inbox_consumed_at on {schema}.inbox (consumed_at);

create table {schema}.outbox (
  id            uuid        primary key,
  message       json        not null,
  -- Whoever claimed the row is sending it until then; afterwards the relay may.
  claimed_until timestamptz not null
);
create index outbox_claimed_until on {schema}.outbox (claimed_until);
