-- Which tasks make up a workflow: written in the same transaction as their submissions, never changed. How far it is, its tasks say.
CREATE TABLE gateway.workflow (
  workflow_id text        NOT NULL PRIMARY KEY,
  body_hash   bytea       NOT NULL,
  -- Names, tasks and types of the stages, as wire JSON.
  record      text        NOT NULL,
  created_at  timestamptz NOT NULL,
  CONSTRAINT workflow_id_length CHECK (length(workflow_id) BETWEEN 1 AND 112),
  CONSTRAINT workflow_body_hash_sha256 CHECK (octet_length(body_hash) = 32)
);
