-- Streams that are read anew, and runs that the service refuses.
ALTER TABLE sync_streams ADD COLUMN begun_after INTEGER NOT NULL DEFAULT 0; -- runs up to this one do not count any more
ALTER TABLE sync_runs ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;        -- 1: the service refuses what its windows ask for
