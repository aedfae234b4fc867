-- What gateways share: the calls that count for the limits of an instance, and notes.

CREATE TABLE sync_workers (
    name  text PRIMARY KEY,     -- a process
    until timestamptz NOT NULL  -- end of the lease
);

-- The calls of the service that still count for its limits.
CREATE TABLE sync_calls (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance text NOT NULL,
    worker   text NOT NULL,
    started  timestamptz NOT NULL,
    ended    timestamptz
);
CREATE INDEX sync_calls_by_instance ON sync_calls (instance, ended);

CREATE TABLE sync_quotas (
    instance  text NOT NULL,
    resets_at timestamptz NOT NULL, -- midnight US Central
    used      bigint NOT NULL,
    PRIMARY KEY (instance, resets_at)
);

-- Imports that were started, by instance, program and list.
CREATE TABLE imports (
    name  text PRIMARY KEY,
    note  bytea NOT NULL,
    until timestamptz NOT NULL -- when the service has forgotten it
);
