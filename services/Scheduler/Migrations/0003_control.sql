-- Commands, checkpoints and questions. A task keeps where it can go on from, what it was told, and what its agent asked.
alter table {schema}.task_saga
  add column held              boolean     not null default false,
  add column keeps_room        boolean     not null default false,
  add column extends_deadline  boolean     not null default false,
  add column deadline_left_ms  bigint      check (deadline_left_ms >= 0),
  add column checkpoint        text        check (octet_length(checkpoint) <= 65536),
  add column checkpoint_attempt int        not null default 0,
  add column checkpoint_number int         not null default 0,
  add column amendment         json,
  add column question          json,
  add column inputs            json,
  add column commands          json        not null default '[]';

-- A hold is a kind of waiting: nothing that is held is on its way to an agent.
alter table {schema}.task_saga add constraint task_saga_held_is_blocked
  check (not held or state in ('blocked', 'completed', 'failed', 'cancelled', 'rejected', 'expired'));
