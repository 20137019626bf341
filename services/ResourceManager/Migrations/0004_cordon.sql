-- An operator keeps an agent from getting work, over its restarts.
ALTER TABLE resource_manager.agent
  ADD COLUMN cordon text CHECK (cordon IN ('cordon', 'drain')),
  ADD COLUMN cordon_reason text,
  ADD COLUMN cordon_since timestamptz,
  ADD CHECK ((cordon IS NULL) = (cordon_since IS NULL));
