-- Every round that writes counts. Who remembers the pool as it was after a round writes on only if no other round came between.
CREATE TABLE resource_manager.pool (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  version bigint NOT NULL
);
INSERT INTO resource_manager.pool (version) VALUES (1);

-- Takes the pool's lock for a round that was decided on a remembered pool. Another version, or an attempt that is not as new as it was
-- taken for, ends the transaction: A2A01.
CREATE FUNCTION resource_manager.begin_round(pool_lock bigint, expected bigint, tasks text[], attempts integer[])
RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(pool_lock);
  UPDATE resource_manager.pool SET version = version + 1 WHERE version = expected;
  IF NOT FOUND THEN RAISE EXCEPTION 'another round came between' USING ERRCODE = 'A2A01'; END IF;
  IF EXISTS (
    SELECT FROM unnest(tasks, attempts) AS new (task_id, attempt) WHERE (EXISTS (
      SELECT FROM resource_manager.reservation r WHERE r.task_id = new.task_id AND r.attempt >= new.attempt)) IS TRUE)
  THEN RAISE EXCEPTION 'an attempt is known' USING ERRCODE = 'A2A01'; END IF;
  RETURN now();
END $$;

-- A statement that touches other rows than were decided on ends the transaction: A2A02.
CREATE FUNCTION resource_manager.must_touch(touched bigint, expected bigint, what text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF touched <> expected THEN
    RAISE EXCEPTION 'the database refused a round of the pool: % of % rows of %', touched, expected, what USING ERRCODE = 'A2A02';
  END IF;
END $$;
