-- When an allocation that is over may be forgotten, and which reservations are.
ALTER TABLE resource_manager.allocation_saga ADD COLUMN expires_at timestamptz;
UPDATE resource_manager.allocation_saga SET expires_at = now() + interval '7 days' WHERE state IN ('denied', 'released', 'revoked');
CREATE INDEX allocation_saga_expires_at ON resource_manager.allocation_saga (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX reservation_released_at ON resource_manager.reservation (released_at) WHERE released_at IS NOT NULL;
