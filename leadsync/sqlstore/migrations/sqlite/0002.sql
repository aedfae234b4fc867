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
