-- Agents and what they can hold. cap_* is what the books allow: declared_*, or what is used while an agent has become too small for it.
CREATE TABLE resource_manager.agent (
  id                  text COLLATE "C" PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  incarnation         bigint NOT NULL,
  state               text NOT NULL CHECK (state IN ('online', 'draining', 'offline')),
  departed            boolean NOT NULL DEFAULT false,
  task_types          text[] NOT NULL,
  capabilities        jsonb NOT NULL,
  program_version     text,
  last_seen_at        timestamptz NOT NULL,
  version             bigint NOT NULL DEFAULT 0,
  declared_slots      bigint NOT NULL CHECK (declared_slots >= 0),
  declared_cpu_milli  bigint NOT NULL CHECK (declared_cpu_milli >= 0),
  declared_memory_mib bigint NOT NULL CHECK (declared_memory_mib >= 0),
  declared_storage_mib bigint NOT NULL CHECK (declared_storage_mib >= 0),
  declared_gpus       bigint NOT NULL CHECK (declared_gpus >= 0),
  cap_slots           bigint NOT NULL,
  cap_cpu_milli       bigint NOT NULL,
  cap_memory_mib      bigint NOT NULL,
  cap_storage_mib     bigint NOT NULL,
  cap_gpus            bigint NOT NULL,
  used_slots          bigint NOT NULL DEFAULT 0 CHECK (used_slots BETWEEN 0 AND cap_slots),
  used_cpu_milli      bigint NOT NULL DEFAULT 0 CHECK (used_cpu_milli BETWEEN 0 AND cap_cpu_milli),
  used_memory_mib     bigint NOT NULL DEFAULT 0 CHECK (used_memory_mib BETWEEN 0 AND cap_memory_mib),
  used_storage_mib    bigint NOT NULL DEFAULT 0 CHECK (used_storage_mib BETWEEN 0 AND cap_storage_mib),
  used_gpus           bigint NOT NULL DEFAULT 0 CHECK (used_gpus BETWEEN 0 AND cap_gpus)
) WITH (fillfactor = 50);

-- Who holds what, and which attempts are over. Without an agent: closed before it held anything.
CREATE TABLE resource_manager.reservation (
  task_id        text COLLATE "C" NOT NULL,
  attempt        integer NOT NULL CHECK (attempt > 0),
  agent_id       text COLLATE "C" REFERENCES resource_manager.agent (id),
  slots          bigint NOT NULL CHECK (slots >= 0),
  cpu_milli      bigint NOT NULL CHECK (cpu_milli >= 0),
  memory_mib     bigint NOT NULL CHECK (memory_mib >= 0),
  storage_mib    bigint NOT NULL CHECK (storage_mib >= 0),
  gpus           bigint NOT NULL CHECK (gpus >= 0),
  granted_at     timestamptz NOT NULL,
  released_at    timestamptz,
  release_reason text,
  trace_parent   text,
  PRIMARY KEY (task_id, attempt),
  CHECK (agent_id IS NOT NULL OR released_at IS NOT NULL),
  CHECK ((released_at IS NULL) = (release_reason IS NULL))
);
CREATE UNIQUE INDEX reservation_active_task ON resource_manager.reservation (task_id) WHERE released_at IS NULL;
CREATE INDEX reservation_active_agent ON resource_manager.reservation (agent_id) WHERE released_at IS NULL;

-- Every movement, in order; rows are never changed. The sum of delta over an agent is its used, at every row.
CREATE TABLE resource_manager.ledger (
  seq                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id                text NOT NULL,
  attempt                integer NOT NULL,
  agent_id               text COLLATE "C" NOT NULL,
  delta_slots            bigint NOT NULL,
  delta_cpu_milli        bigint NOT NULL,
  delta_memory_mib       bigint NOT NULL,
  delta_storage_mib      bigint NOT NULL,
  delta_gpus             bigint NOT NULL,
  used_after_slots       bigint NOT NULL,
  used_after_cpu_milli   bigint NOT NULL,
  used_after_memory_mib  bigint NOT NULL,
  used_after_storage_mib bigint NOT NULL,
  used_after_gpus        bigint NOT NULL,
  cap_after_slots        bigint NOT NULL CHECK (used_after_slots BETWEEN 0 AND cap_after_slots),
  cap_after_cpu_milli    bigint NOT NULL CHECK (used_after_cpu_milli BETWEEN 0 AND cap_after_cpu_milli),
  cap_after_memory_mib   bigint NOT NULL CHECK (used_after_memory_mib BETWEEN 0 AND cap_after_memory_mib),
  cap_after_storage_mib  bigint NOT NULL CHECK (used_after_storage_mib BETWEEN 0 AND cap_after_storage_mib),
  cap_after_gpus         bigint NOT NULL CHECK (used_after_gpus BETWEEN 0 AND cap_after_gpus),
  at                     timestamptz NOT NULL
);

-- The waiting line. Claims of one class fit the same agents; the index gives each class in its order.
CREATE TABLE resource_manager.claim (
  task_id      text COLLATE "C" NOT NULL,
  attempt      integer NOT NULL CHECK (attempt > 0),
  class        uuid NOT NULL,
  task_type    text NOT NULL,
  key_us       bigint NOT NULL,
  deadline_us  bigint NOT NULL,
  enqueued_us  bigint NOT NULL,
  slots        bigint NOT NULL,
  cpu_milli    bigint NOT NULL,
  memory_mib   bigint NOT NULL,
  storage_mib  bigint NOT NULL,
  gpus         bigint NOT NULL,
  pin          text,
  excluded     text NOT NULL,
  avoid        text,
  trace_parent text,
  PRIMARY KEY (task_id, attempt)
);
CREATE INDEX claim_order ON resource_manager.claim (class, key_us, deadline_us, enqueued_us, task_id, attempt);

CREATE TABLE resource_manager.allocation_saga (
  correlation_id uuid PRIMARY KEY,
  state          text NOT NULL CHECK (state IN ('waiting', 'granted', 'denied', 'released', 'revoked')),
  version        integer NOT NULL,
  due_at         timestamptz,
  trace_parent   text,
  task_id        text NOT NULL,
  attempt        integer NOT NULL,
  agent_id       text,
  slots          bigint NOT NULL DEFAULT 0,
  cpu_milli      bigint NOT NULL DEFAULT 0,
  memory_mib     bigint NOT NULL DEFAULT 0,
  storage_mib    bigint NOT NULL DEFAULT 0,
  gpus           bigint NOT NULL DEFAULT 0,
  code           text,
  reason         text,
  CHECK ((state = 'granted') <= (agent_id IS NOT NULL))
);
