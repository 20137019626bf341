-- Messages that nobody could take, out of the error queues: kept here before the broker forgets them, so that they can be read, sorted, sent
-- again and thrown away. The body is the message as it came, byte by byte.
CREATE TABLE gateway.dead_letter (
  letter_id    text        NOT NULL PRIMARY KEY,
  queue        text        NOT NULL,
  cause        text        NOT NULL,
  state        text        NOT NULL,
  message_id   text        NULL,
  message_type text        NULL,
  task_id      text        NULL,
  error        text        NULL,
  reason       text        NULL,
  content_type text        NULL,
  body         bytea       NOT NULL,
  headers      text        NOT NULL,
  deaths       integer     NOT NULL DEFAULT 1,
  edited       boolean     NOT NULL DEFAULT false,
  replay_at    timestamptz NULL,
  parked_at    timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  CONSTRAINT dead_letter_state CHECK (state IN ('parked', 'waiting', 'replayed', 'discarded')),
  CONSTRAINT dead_letter_cause CHECK (cause IN ('failed', 'skipped', 'killed'))
);

CREATE INDEX dead_letter_by_state ON gateway.dead_letter (state, parked_at DESC, letter_id);
CREATE INDEX dead_letter_of_task ON gateway.dead_letter (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX dead_letter_due ON gateway.dead_letter (replay_at) WHERE state = 'waiting';
CREATE INDEX dead_letter_done ON gateway.dead_letter (updated_at) WHERE state IN ('replayed', 'discarded');
