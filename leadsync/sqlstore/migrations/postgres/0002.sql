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

-- A lead whose activities may have moved to another one.
ALTER TABLE leads ADD COLUMN gone_at timestamptz; -- when the lead was found to be gone: merged or deleted
