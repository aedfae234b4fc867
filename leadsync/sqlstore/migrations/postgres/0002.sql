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
