-- How activities are known. The keys and digests of version 1 are made anew by the program: a row without a
-- GUID that has an id has the key id:<id>:<Unix time>:<type> now, further ones of the three #2, #3, … after the time
-- (numbers have no gaps: who deletes one of them gives its key to the last).
CREATE TABLE sync_schemes (
    scheme TEXT PRIMARY KEY -- guid, none: there are or were activities with GUIDs, without; with both there is activities_by_record
);

-- A lead whose activities may have moved to another one.
ALTER TABLE leads ADD COLUMN gone_at TEXT; -- when the lead was found to be gone: merged or deleted
