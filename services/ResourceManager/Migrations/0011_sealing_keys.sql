-- By which key the latest start of an agent can be told the secrets of its tasks; null: it can be told none.
CREATE TABLE resource_manager.sealing_key (
  agent_id    text   PRIMARY KEY,
  incarnation bigint NOT NULL,
  sealing_key text   NULL
);
