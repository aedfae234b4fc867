CREATE TABLE sync_schema (version integer NOT NULL);
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
CREATE INDEX activities_by_lead ON activities (lead_id);
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
CREATE TABLE sync_lead_uppers (
    lead_key    TEXT PRIMARY KEY,
    upper_bound TEXT NOT NULL
);
CREATE TABLE sync_workers (
    name  TEXT PRIMARY KEY,
    until TEXT NOT NULL -- end of the lease
);
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
CREATE TABLE file_format (
    version INTEGER NOT NULL,
    format  TEXT NOT NULL
);
CREATE TABLE file_keys (
    kind    TEXT NOT NULL, -- activities, leads
    key     TEXT NOT NULL, -- key of activities, id of leads
    digest  BLOB NOT NULL,
    lead_id INTEGER NOT NULL,
    late    INTEGER NOT NULL, -- 1: its first version was late
    person  TEXT,             -- as the segments have it
    segment INTEGER NOT NULL, -- number of the one that has it
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE file_replaced (
    kind    TEXT NOT NULL,
    segment INTEGER NOT NULL,
    key     TEXT NOT NULL,
    by      INTEGER NOT NULL, -- number of the later segment
    PRIMARY KEY (kind, segment, key)
) WITHOUT ROWID;
CREATE TABLE file_segments (
    kind       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    name       TEXT NOT NULL UNIQUE,
    rows       INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    first_time TEXT, -- of activities, UTC
    last_time  TEXT,
    created_at TEXT NOT NULL,
    window     INTEGER NOT NULL, -- that it was committed with
    PRIMARY KEY (kind, number)
);
INSERT INTO sync_schema VALUES (1);
INSERT INTO sync_streams VALUES ('activities', '{}', '2026-03-08T07:00:00Z', 'na-x.example.com');
INSERT INTO sync_streams VALUES ('leads', '{}', '2026-03-08T07:00:00Z', 'na-x.example.com');
INSERT INTO sync_runs VALUES (1, 'activities', '2026-03-08T08:00:00Z', '2026-11-28T05:16:24Z', '2026-11-28T05:16:24Z');
INSERT INTO sync_runs VALUES (2, 'leads', '2026-03-08T08:00:00Z', '2026-11-28T05:16:24Z', '2026-11-28T05:16:24Z');
INSERT INTO sync_windows VALUES (1, 1, 'activities', '2026-03-08T07:00:00Z', '2026-03-08T08:00:00Z', '2026-03-08T07:00:00Z', NULL, NULL, 'done', '', 1, 'a', 0, NULL, 2, 2, 12, 9, 1, 0, 0, '2026-11-28T05:16:24Z', '2026-11-28T05:16:24Z');
INSERT INTO sync_windows VALUES (2, 2, 'leads', '2026-03-08T07:00:00Z', '2026-03-08T08:00:00Z', '2026-03-08T07:00:00Z', NULL, NULL, 'done', '', 1, 'a', 0, NULL, 0, 0, 0, 2, 0, 0, 0, '2026-11-28T05:16:24Z', '2026-11-28T05:16:24Z');
INSERT INTO file_format VALUES (1, 'jsonl');
INSERT INTO file_keys VALUES ('activities', '783000001', X'43F8FC3C209B29A2CA854E1502E7C00B', 101, 0, NULL, 1);
INSERT INTO file_keys VALUES ('activities', '783000002', X'A8D2A11E487C38140661E0FD48555CD1', 101, 0, NULL, 2);
INSERT INTO file_keys VALUES ('activities', 'id:-7:805a6c2ce35fa99e42b2d110f2c45ceb', X'805A6C2CE35FA99E42B2D110F2C45CEB', 102, 0, NULL, 2);
INSERT INTO file_keys VALUES ('activities', 'id:0:00651816f2645b19157f6407cd986c64', X'00651816F2645B19157F6407CD986C64', 102, 0, NULL, 2);
INSERT INTO file_keys VALUES ('activities', 'id:5:1a02dddeb9e6f4dbfde851b385c7d363', X'1A02DDDEB9E6F4DBFDE851B385C7D363', 101, 0, '{"name":"Jo Doe"}', 1);
INSERT INTO file_keys VALUES ('activities', 'id:5:d7f9110982d9ae4a0bc77a14c1d1a9ad', X'D7F9110982D9AE4A0BC77A14C1D1A9AD', 102, 0, NULL, 1);
INSERT INTO file_keys VALUES ('activities', 'id:9:8298bd79f7b6f4837f320cae27c664ff', X'8298BD79F7B6F4837F320CAE27C664FF', 104, 0, NULL, 2);
INSERT INTO file_keys VALUES ('activities', 'row:bed872b2abdb9082ab2d2f5e98e7f735:0', X'BED872B2ABDB9082AB2D2F5E98E7F735', 103, 0, NULL, 2);
INSERT INTO file_keys VALUES ('activities', 'row:bed872b2abdb9082ab2d2f5e98e7f735:1', X'BED872B2ABDB9082AB2D2F5E98E7F735', 103, 0, NULL, 2);
INSERT INTO file_keys VALUES ('leads', '101', X'298BA0A8CD60D2EBAFB353A445420A54', 101, 0, NULL, 1);
INSERT INTO file_keys VALUES ('leads', '102', X'CA6E8C7C828F2F33843D9774ABCD6109', 102, 0, NULL, 1);
INSERT INTO file_replaced VALUES ('activities', 1, '783000002', 2);
INSERT INTO file_segments VALUES ('activities', 1, 'activities-000001.jsonl', 4, 1165, 'b878a9e249274de4e2930313327149bbe3cb02d337947e238615927da3cca205', '2026-03-08T07:00:00Z', '2026-03-08T07:00:00Z', '2026-11-28T05:16:24.304464613Z', 1);
INSERT INTO file_segments VALUES ('activities', 2, 'activities-000002.jsonl', 6, 2042, 'e6aa489c680d6045ece286d95214f5b8c2ba5b0eb75c87ca0342e5b4cc550ad0', '2026-03-08T07:00:00Z', '2026-03-08T07:00:02Z', '2026-11-28T05:16:24.318260208Z', 1);
INSERT INTO file_segments VALUES ('leads', 1, 'leads-000001.jsonl', 2, 206, '06658997bbe41e298a2d413708150e1252d587046d824bc14e7fe00c1d55978f', NULL, NULL, '2026-11-28T05:16:24.33172094Z', 2);
