-- Control commands and what became of them: written with the outbox row before the 202, answered from gateway.commands by whichever
-- instance hears the answer, read by all.
CREATE TABLE gateway.command (
  command_id  text        NOT NULL PRIMARY KEY,
  task_id     text        NOT NULL,
  command     text        NOT NULL,
  -- The command as it went out, as wire JSON; null when it came over the bus and only its answer was seen here.
  body        text        NULL,
  bulk_id     text        NULL,
  status      text        NOT NULL,
  code        text        NULL,
  detail      text        NULL,
  state       text        NULL,
  new_task_id text        NULL,
  tries       integer     NOT NULL DEFAULT 0,
  again_at    timestamptz NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  CONSTRAINT command_id_length CHECK (length(command_id) BETWEEN 1 AND 160),
  CONSTRAINT command_status CHECK (status IN ('pending', 'accepted', 'applied', 'rejected'))
);

CREATE INDEX command_of_task ON gateway.command (task_id, created_at);
CREATE INDEX command_of_bulk ON gateway.command (bulk_id) WHERE bulk_id IS NOT NULL;
CREATE INDEX command_unanswered ON gateway.command (again_at) WHERE status = 'pending';
CREATE INDEX command_answered_at ON gateway.command (updated_at) WHERE status IN ('applied', 'rejected');
