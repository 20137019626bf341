-- What tasks may ask for, as name=value, and the GPUs by name; empty: by their numbers.
ALTER TABLE resource_manager.agent
  ADD COLUMN labels text[] NOT NULL DEFAULT '{}',
  ADD COLUMN devices text[] NOT NULL DEFAULT '{}';

-- Which devices are, or were last, held; separated by commas, which no name has. Empty for room given before they had names.
ALTER TABLE resource_manager.reservation ADD COLUMN gpu_ids text NOT NULL DEFAULT '';
ALTER TABLE resource_manager.ledger ADD COLUMN gpu_ids text NOT NULL DEFAULT '';
ALTER TABLE resource_manager.allocation_saga ADD COLUMN gpu_ids text NOT NULL DEFAULT '';

-- Each device is in one hand at most, whatever the code asks: that is what the key is for.
CREATE TABLE resource_manager.device_hold (
  agent_id  text COLLATE "C" NOT NULL REFERENCES resource_manager.agent (id),
  device_id text COLLATE "C" NOT NULL,
  task_id   text COLLATE "C" NOT NULL,
  attempt   integer NOT NULL,
  PRIMARY KEY (agent_id, device_id),
  FOREIGN KEY (task_id, attempt) REFERENCES resource_manager.reservation (task_id, attempt)
);

-- Labels that are asked for and preferred, as JSON; null: none.
ALTER TABLE resource_manager.claim ADD COLUMN placement text;
