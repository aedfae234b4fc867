-- What gateways share: the calls that count for the limits of an instance, and notes. Times are text in UTC as in copies.

CREATE TABLE sync_workers (
    name  TEXT PRIMARY KEY, -- a process
    until TEXT NOT NULL     -- end of the lease
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

-- Imports that were started, by instance, program and list.
CREATE TABLE imports (
    name  TEXT PRIMARY KEY,
    note  BLOB NOT NULL,
    until TEXT NOT NULL -- when the service has forgotten it
);
