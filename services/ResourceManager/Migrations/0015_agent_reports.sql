-- What an agent said last that it works on, whichever instance heard it. Of all tenants: for the service alone, so there is a wall without a door.
CREATE TABLE resource_manager.agent_report (
  agent_id    text COLLATE "C" PRIMARY KEY,
  incarnation bigint NOT NULL,
  at          timestamptz NOT NULL,
  running     json NOT NULL
);
ALTER TABLE resource_manager.agent_report ENABLE ROW LEVEL SECURITY;
