-- Times are of whole seconds, those of sync_workers and sync_calls more precise.

CREATE TABLE activities (
    key            text NOT NULL UNIQUE, -- the GUID, else made of the content
    lead_id        bigint NOT NULL,
    occurred_at    timestamptz NOT NULL,
    occurred_local text NOT NULL,        -- the same moment with the offset the service gave
    type           text NOT NULL,        -- spaced name, such as Visit Webpage
    asset          text NOT NULL,
    campaign       text NOT NULL,
    attributes     jsonb NOT NULL,       -- JSON object; a name that repeats has an array
    id             bigint,               -- neither unique nor always there
    guid           text,
    person         jsonb,                -- JSON object: name, foreignSysId, orgName, foreignSysOrgId
    late           boolean NOT NULL,     -- stored by the service after its time had been read
    run            bigint NOT NULL,      -- the run that wrote it
    digest         bytea NOT NULL
);
CREATE INDEX activities_by_lead ON activities (lead_id);
CREATE INDEX activities_by_time ON activities (occurred_at);

CREATE TABLE leads (
    id                    bigint PRIMARY KEY,
    email                 text NOT NULL,
    foreign_sys_person_id text NOT NULL,
    foreign_sys_type      text NOT NULL,
    attributes            jsonb NOT NULL, -- JSON object; a name that repeats has an array
    run                   bigint NOT NULL,
    digest                bytea NOT NULL
);

CREATE TABLE sync_streams (
    name     text PRIMARY KEY,
    query    text NOT NULL,           -- JSON: types, fields
    since    timestamptz NOT NULL,
    instance text NOT NULL DEFAULT '' -- the Marketo instance; empty: not known
);

CREATE TABLE sync_runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream      text NOT NULL REFERENCES sync_streams (name),
    upper_bound timestamptz NOT NULL, -- everything before it is copied when the run is done
    started_at  timestamptz NOT NULL,
    finished_at timestamptz           -- when the last window was done
);
CREATE INDEX sync_runs_by_stream ON sync_runs (stream, upper_bound);

CREATE TABLE sync_windows (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run        bigint NOT NULL REFERENCES sync_runs (id),
    stream     text NOT NULL,
    from_time  timestamptz NOT NULL,
    to_time    timestamptz NOT NULL,
    fresh_from timestamptz NOT NULL, -- rows before it that are new are late ones
    names      jsonb,                -- JSON array of activity names; null: those of the stream
    leads      jsonb,                -- JSON array of lead keys
    state      text NOT NULL,        -- pending, running, done, failed
    position   text NOT NULL,        -- JSON; empty: the start
    epoch      bigint NOT NULL DEFAULT 0,
    worker     text,
    attempts   bigint NOT NULL DEFAULT 0,
    error      text,
    calls      bigint NOT NULL DEFAULT 0,
    pages      bigint NOT NULL DEFAULT 0,
    seen       bigint NOT NULL DEFAULT 0,
    inserted   bigint NOT NULL DEFAULT 0,
    updated    bigint NOT NULL DEFAULT 0,
    late       bigint NOT NULL DEFAULT 0,
    missing    bigint NOT NULL DEFAULT 0,
    started_at timestamptz,          -- of the first claim
    done_at    timestamptz
);
CREATE INDEX sync_windows_by_run ON sync_windows (run);
CREATE INDEX sync_windows_unfinished ON sync_windows (stream, from_time) WHERE state <> 'done';

-- Up to when the history of each lead was read, for the stream lead-activity.
CREATE TABLE sync_lead_uppers (
    lead_key    text PRIMARY KEY,
    upper_bound timestamptz NOT NULL
);

CREATE TABLE sync_workers (
    name  text PRIMARY KEY,
    until timestamptz NOT NULL -- end of the lease
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
