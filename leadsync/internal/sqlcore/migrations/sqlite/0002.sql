-- No run is believed to have read beyond its own beginning.
UPDATE sync_runs SET upper_bound = started_at WHERE upper_bound > started_at;

-- How activities are known. The keys and digests of version 1 are made anew by the program: a row without a
-- GUID that has an id has the key id:<id>:<Unix time>:<type> now, further ones of the three #2, #3, ... after the time.
CREATE TABLE sync_schemes (
    scheme TEXT PRIMARY KEY -- guid, none: there are or were activities with GUIDs, without; gap, indexed: see below
);
-- With both, or with a gap among the numbers, a key does not tell which row an activity is: then there is activities_by_record.
CREATE TRIGGER activities_gap AFTER DELETE ON activities WHEN old.id IS NOT NULL AND old.guid IS NULL
BEGIN
    INSERT INTO sync_schemes (scheme) SELECT 'gap' WHERE old.key GLOB 'id:*#*' OR EXISTS (SELECT 1 FROM activities WHERE key =
        'id:' || old.id || ':' || strftime('%s', old.occurred_at) || '#2' ||
        substr(old.key, length('id:' || old.id || ':' || strftime('%s', old.occurred_at)) + 1))
    ON CONFLICT DO NOTHING;
END;

-- When it was found that the service no longer has the lead; null: it was there.
ALTER TABLE leads ADD COLUMN gone_at TEXT;

-- Records that could not be read, and leads that are gone, are counted with their windows.
ALTER TABLE sync_windows ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_windows ADD COLUMN problems INTEGER NOT NULL DEFAULT 0;

-- Records that could not be read, each once, as they came. One that has a GUID is removed when it
-- comes as a row; mktows sync verify --repair removes those that the service no longer has.
CREATE TABLE sync_problems (
    key       TEXT PRIMARY KEY, -- made of stream and record
    stream    TEXT NOT NULL,
    run       INTEGER NOT NULL,    -- run and window that met it first
    window_id INTEGER NOT NULL,
    found_at  TEXT NOT NULL,
    problem   TEXT NOT NULL,    -- what is wrong with it
    guid      TEXT NOT NULL,    -- of the record; empty: it has none
    record    TEXT NOT NULL     -- JSON
);

-- Streams that are read anew, and runs that the service refuses.
ALTER TABLE sync_streams ADD COLUMN begun_after INTEGER NOT NULL DEFAULT 0; -- runs up to this one do not count any more
ALTER TABLE sync_runs ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;        -- 1: the service refuses what its windows ask for
