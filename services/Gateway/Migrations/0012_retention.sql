-- Which submissions are old enough to be forgotten.
CREATE INDEX submission_created_at ON gateway.submission (created_at);
