-- An agent that came back from a silence during which it lost work gets none until then, or until it says that it does nothing.
ALTER TABLE resource_manager.agent DROP CONSTRAINT agent_state_check;
ALTER TABLE resource_manager.agent
  ADD CHECK (state IN ('online', 'draining', 'offline', 'quarantined')),
  ADD COLUMN quarantined_until timestamptz;

-- Who was denied for good, hour by hour and kind by kind.
CREATE TABLE resource_manager.denial (
  hour      timestamptz NOT NULL,
  code      text COLLATE "C" NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  task_type text COLLATE "C" NOT NULL,
  count     bigint NOT NULL CHECK (count > 0),
  last_at   timestamptz NOT NULL,
  last_task text NOT NULL,
  PRIMARY KEY (hour, code, dimension, task_type)
);
