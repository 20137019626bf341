-- The list of workflows, the newest first.
CREATE INDEX workflow_newest ON gateway.workflow (created_at DESC, workflow_id COLLATE "C");
