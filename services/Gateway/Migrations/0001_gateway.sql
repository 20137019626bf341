-- What stands behind every 202: written in the same transaction as the outbox row, before the answer.
CREATE TABLE gateway.submission (
  task_id      text        NOT NULL PRIMARY KEY,
  body_hash    bytea       NOT NULL,
  task         text        NOT NULL,
  created_at   timestamptz NOT NULL,
  trace_parent text        NULL,
  CONSTRAINT submission_task_id_length CHECK (length(task_id) BETWEEN 1 AND 128),
  CONSTRAINT submission_body_hash_sha256 CHECK (octet_length(body_hash) = 32)
);

-- Keys that callers chose to recognise their own repeats; worth nothing after 24 hours.
CREATE TABLE gateway.idempotency_key (
  key        text        NOT NULL PRIMARY KEY,
  body_hash  bytea       NOT NULL,
  task_id    text        NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
  CONSTRAINT idempotency_key_body_hash_sha256 CHECK (octet_length(body_hash) = 32)
);

CREATE INDEX idempotency_key_created_at ON gateway.idempotency_key (created_at);
