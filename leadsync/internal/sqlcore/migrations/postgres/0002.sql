-- No run is believed to have read beyond its own beginning.
UPDATE sync_runs SET upper_bound = started_at WHERE upper_bound > started_at;

-- How activities are known. The keys and digests of version 1 are made anew by the program: a row without a
-- GUID that has an id has the key id:<id>:<Unix time>:<type> now, further ones of the three #2, #3, ... after the time.
CREATE TABLE sync_schemes (
    scheme text PRIMARY KEY -- guid, none: there are or were activities with GUIDs, without; gap, indexed: see below
);
-- With both, or with a gap among the numbers, a key does not tell which row an activity is: then there is activities_by_record.
CREATE FUNCTION activities_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text := 'id:' || old.id || ':' || CAST(extract(epoch FROM old.occurred_at) AS bigint);
BEGIN
    INSERT INTO sync_schemes (scheme) SELECT 'gap' WHERE old.key LIKE 'id:%#%'
        OR EXISTS (SELECT 1 FROM activities WHERE key = head || '#2' || substr(old.key, length(head) + 1))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER activities_gap AFTER DELETE ON activities FOR EACH ROW
    WHEN (old.id IS NOT NULL AND old.guid IS NULL) EXECUTE FUNCTION activities_gap();

-- When it was found that the service no longer has the lead; null: it was there.
ALTER TABLE leads ADD COLUMN gone_at timestamptz;

-- Records that could not be read, and leads that are gone, are counted with their windows.
ALTER TABLE sync_windows ADD COLUMN gone bigint NOT NULL DEFAULT 0;
ALTER TABLE sync_windows ADD COLUMN problems bigint NOT NULL DEFAULT 0;

-- Records that could not be read, each once, as they came. One that has a GUID is removed when it
-- comes as a row; mktows sync verify --repair removes those that the service no longer has.
CREATE TABLE sync_problems (
    key       text PRIMARY KEY, -- made of stream and record
    stream    text NOT NULL,
    run       bigint NOT NULL,    -- run and window that met it first
    window_id bigint NOT NULL,
    found_at  timestamptz NOT NULL,
    problem   text NOT NULL,    -- what is wrong with it
    guid      text NOT NULL,    -- of the record; empty: it has none
    record    text NOT NULL     -- JSON
);

-- Streams that are read anew, and runs that the service refuses.
ALTER TABLE sync_streams ADD COLUMN begun_after bigint NOT NULL DEFAULT 0; -- runs up to this one do not count any more
ALTER TABLE sync_runs ADD COLUMN refused bigint NOT NULL DEFAULT 0;        -- 1: the service refuses what its windows ask for
