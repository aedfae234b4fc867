-- Times are text in UTC, such as 2026-03-08T07:59:59Z, which sorts as time and which
-- SQLite's date functions read; more precise ones have milliseconds.

CREATE TABLE activities (
    key            TEXT NOT NULL UNIQUE, -- the GUID, else made of the content
    lead_id        INTEGER NOT NULL,
    occurred_at    TEXT NOT NULL,        -- UTC
    occurred_local TEXT NOT NULL,        -- the same moment with the offset the service gave
    type           TEXT NOT NULL,        -- spaced name, such as Visit Webpage
    asset          TEXT NOT NULL,
    campaign       TEXT NOT NULL,
    attributes     TEXT NOT NULL,        -- JSON object; a name that repeats has an array
    id             INTEGER,              -- neither unique nor always there
    guid           TEXT,
    person         TEXT,                 -- JSON object: name, foreignSysId, orgName, foreignSysOrgId
    late           INTEGER NOT NULL,     -- 1: stored by the service after its time had been read
    run            INTEGER NOT NULL,     -- the run that wrote it
    digest         BLOB NOT NULL
);
CREATE INDEX activities_by_lead ON activities (lead_id); -- short, as rows come in the order of time
CREATE INDEX activities_by_time ON activities (occurred_at);

CREATE TABLE leads (
    id                    INTEGER PRIMARY KEY,
    email                 TEXT NOT NULL,
    foreign_sys_person_id TEXT NOT NULL,
    foreign_sys_type      TEXT NOT NULL,
    attributes            TEXT NOT NULL, -- JSON object; a name that repeats has an array
    run                   INTEGER NOT NULL,
    digest                BLOB NOT NULL
);

CREATE TABLE sync_streams (
    name     TEXT PRIMARY KEY,
    query    TEXT NOT NULL,           -- JSON: types, fields
    since    TEXT NOT NULL,
    instance TEXT NOT NULL DEFAULT '' -- the Marketo instance; empty: not known
);

CREATE TABLE sync_runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    stream      TEXT NOT NULL REFERENCES sync_streams (name),
    upper_bound TEXT NOT NULL, -- everything before it is copied when the run is done
    started_at  TEXT NOT NULL,
    finished_at TEXT           -- when the last window was done
);
CREATE INDEX sync_runs_by_stream ON sync_runs (stream, upper_bound);

CREATE TABLE sync_windows (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    run          INTEGER NOT NULL REFERENCES sync_runs (id),
    stream       TEXT NOT NULL,
    from_time    TEXT NOT NULL,
    to_time      TEXT NOT NULL,
    fresh_from   TEXT NOT NULL, -- rows before it that are new are late ones
    names        TEXT,          -- JSON array of activity names; null: those of the stream
    leads        TEXT,          -- JSON array of lead keys
    state        TEXT NOT NULL, -- pending, running, done, failed
    position     TEXT NOT NULL, -- JSON; empty: the start
    epoch        INTEGER NOT NULL DEFAULT 0,
    worker       TEXT,
    attempts     INTEGER NOT NULL DEFAULT 0,
    error        TEXT,
    calls        INTEGER NOT NULL DEFAULT 0,
    pages        INTEGER NOT NULL DEFAULT 0,
    seen         INTEGER NOT NULL DEFAULT 0,
    inserted     INTEGER NOT NULL DEFAULT 0,
    updated      INTEGER NOT NULL DEFAULT 0,
    late         INTEGER NOT NULL DEFAULT 0,
    missing      INTEGER NOT NULL DEFAULT 0,
    started_at   TEXT,          -- of the first claim
    done_at      TEXT
);
CREATE INDEX sync_windows_by_run ON sync_windows (run);
CREATE INDEX sync_windows_unfinished ON sync_windows (stream, from_time) WHERE state <> 'done';

-- Up to when the history of each lead was read, for the stream lead-activity.
CREATE TABLE sync_lead_uppers (
    lead_key    TEXT PRIMARY KEY,
    upper_bound TEXT NOT NULL
);

CREATE TABLE sync_workers (
    name  TEXT PRIMARY KEY,
    until TEXT NOT NULL -- end of the lease
);

-- The calls of the service that still count for its limits.
CREATE TABLE sync_calls (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    instance TEXT NOT NULL,
    worker   TEXT NOT NULL,
    started  TEXT NOT NULL,
    ended    TEXT
);
CREATE INDEX sync_calls_by_instance ON sync_calls (instance, ended);

CREATE TABLE sync_quotas (
    instance  TEXT NOT NULL,
    resets_at TEXT NOT NULL, -- midnight US Central
    used      INTEGER NOT NULL,
    PRIMARY KEY (instance, resets_at)
);
