-- What the holder of room does, so that it can be said when the room will be free; null for room given earlier.
ALTER TABLE resource_manager.reservation ADD COLUMN task_type text;

-- The reason code that the Scheduler was told last; when another one holds, it is told again.
ALTER TABLE resource_manager.claim ADD COLUMN told text NOT NULL DEFAULT '';

-- The line as a whole, for whoever reads it page by page.
CREATE INDEX claim_line ON resource_manager.claim (key_us, deadline_us, enqueued_us, task_id, attempt);
