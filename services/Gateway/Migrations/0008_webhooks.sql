-- Addresses that task events are sent to, and everything that was or is to be sent to each: written with the events before the broker is
-- told that they are here, so that a delivery outlives whoever was sending it.
CREATE TABLE gateway.webhook (
  webhook_id       text        NOT NULL PRIMARY KEY,
  url              text        NOT NULL,
  events           text[]      NOT NULL,
  task_types       text[]      NOT NULL,
  requesters       text[]      NOT NULL,
  description      text        NULL,
  state            text        NOT NULL,
  reason           text        NULL,
  secret           text        NOT NULL,
  old_secret       text        NULL,
  old_secret_until timestamptz NULL,
  failing_since    timestamptz NULL,
  revision         bigint      NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  CONSTRAINT webhook_state CHECK (state IN ('active', 'paused', 'disabled'))
);

CREATE TABLE gateway.webhook_delivery (
  delivery_id text        NOT NULL PRIMARY KEY,
  webhook_id  text        NOT NULL REFERENCES gateway.webhook ON DELETE CASCADE,
  event_id    text        NOT NULL,
  event_type  text        NOT NULL,
  task_id     text        NULL,
  -- The CloudEvent as it is sent, every time byte by byte the same.
  body        text        NOT NULL,
  state       text        NOT NULL,
  -- Since it was last put into the line; the schedule goes by it.
  tries       integer     NOT NULL DEFAULT 0,
  -- Since ever.
  attempts    integer     NOT NULL DEFAULT 0,
  -- When it is sent next, or until when somebody who sends it may be busy with it.
  next_at     timestamptz NULL,
  last_status integer     NULL,
  last_error  text        NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  CONSTRAINT webhook_delivery_state CHECK (state IN ('pending', 'delivered', 'failed'))
) WITH (fillfactor = 80);

CREATE INDEX webhook_delivery_due ON gateway.webhook_delivery (webhook_id, next_at) WHERE state = 'pending';
CREATE INDEX webhook_delivery_recent ON gateway.webhook_delivery (webhook_id, created_at DESC, delivery_id);
CREATE INDEX webhook_delivery_done ON gateway.webhook_delivery (updated_at) WHERE state <> 'pending';

CREATE TABLE gateway.webhook_attempt (
  delivery_id text        NOT NULL REFERENCES gateway.webhook_delivery ON DELETE CASCADE,
  number      integer     NOT NULL,
  at          timestamptz NOT NULL,
  status      integer     NULL,
  error       text        NULL,
  duration_ms integer     NOT NULL,
  PRIMARY KEY (delivery_id, number)
);
