-- The agent takes offers in company: it said so when it announced itself.
ALTER TABLE {schema}.agent ADD COLUMN takes_bulk boolean NOT NULL DEFAULT false;
