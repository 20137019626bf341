-- On whose account a claim and what it holds go; those from before name nobody.
ALTER TABLE resource_manager.claim ADD COLUMN requester text NOT NULL DEFAULT 'anonymous';
ALTER TABLE resource_manager.reservation ADD COLUMN requester text NOT NULL DEFAULT 'anonymous';

-- What each requester has: the sum of its reservations that are not released, kept by every round.
CREATE TABLE resource_manager.requester_use (
  requester   text COLLATE "C" PRIMARY KEY,
  slots       bigint NOT NULL CHECK (slots >= 0),
  cpu_milli   bigint NOT NULL CHECK (cpu_milli >= 0),
  memory_mib  bigint NOT NULL CHECK (memory_mib >= 0),
  storage_mib bigint NOT NULL CHECK (storage_mib >= 0),
  gpus        bigint NOT NULL CHECK (gpus >= 0)
) WITH (fillfactor = 50);

INSERT INTO resource_manager.requester_use
SELECT requester, sum(slots), sum(cpu_milli), sum(memory_mib), sum(storage_mib), sum(gpus)
FROM resource_manager.reservation WHERE released_at IS NULL GROUP BY requester;

-- For which waiting claim the agent's room is kept, and how its last attempts ended; as JSON, null: nothing to say.
ALTER TABLE resource_manager.agent
  ADD COLUMN earmark text,
  ADD COLUMN conduct text;
