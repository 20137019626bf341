-- By which contract a letter was refused, which others have judged it since, and when it was sent again because it fits by now. Letters of before know none.
ALTER TABLE gateway.dead_letter
  ADD COLUMN parked_by text        NULL,
  ADD COLUMN judged_at timestamptz NULL,
  ADD COLUMN judged_by text        NULL,
  ADD COLUMN judges    text[]      NOT NULL DEFAULT '{}',
  ADD COLUMN resent_at timestamptz NULL;

CREATE INDEX dead_letter_unfit ON gateway.dead_letter (parked_at, letter_id) WHERE state = 'parked' AND reason LIKE 'MSG001 %';
CREATE INDEX dead_letter_resent ON gateway.dead_letter (resent_at) WHERE state IN ('waiting', 'replayed') AND resent_at IS NOT NULL;
