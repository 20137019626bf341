-- The priority of a task whose room may be taken for a more urgent one, and for whom it was asked to make room; null for all others.
ALTER TABLE resource_manager.reservation
  ADD COLUMN yields integer CHECK (yields BETWEEN 0 AND 4),
  ADD COLUMN yields_to text,
  ADD CHECK (yields_to IS NULL OR yields IS NOT NULL);
