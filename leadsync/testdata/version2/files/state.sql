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
CREATE TABLE file_format (
    version INTEGER NOT NULL,
    format  TEXT NOT NULL
);
INSERT INTO "file_format" VALUES(2,'jsonl');
CREATE TABLE file_keys (
    kind      TEXT NOT NULL, -- activities, leads
    key       TEXT NOT NULL, -- what activities are known by now, id of leads
    digest    BLOB NOT NULL,
    lead_id   INTEGER NOT NULL,
    late      INTEGER NOT NULL, -- 1: its first version was late
    person    TEXT,             -- as the segments have it
    segment   INTEGER NOT NULL, -- number of the one that has it
    published TEXT,             -- the column key that the segments have, if it is another one
    record    TEXT,             -- in copies of activities with GUIDs and without: id, time and type
    gone_at   TEXT,             -- of leads: when it was found that the service has it no longer
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
INSERT INTO "file_keys" VALUES('activities','1',X'0649D80F22E4101561CE2EB8E7A79540',101,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','121',X'4FE2E7231C84D96B934AD6620A5638C0',103,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','122',X'5BCA841BF1CE3AAE16172F2ECDDBE5B7',103,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','123',X'3442807EEC0DC1FBC7BD0C775A4A1E28',103,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','124',X'1B047DF31CFFBAB6BFD950B5B969EC69',103,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','125',X'4D4D22576317EF836CCE05722AE7D222',103,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','126',X'26233C8D4F2AF0C5C7ED543061AE5733',103,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','181',X'EF5C268F491B82A8E09B62A97FDB3150',104,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','182',X'FB44B31DA11F45EF9252C2556A06C821',104,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','183',X'B4CACA9BBC7768098D4480FBD555615C',104,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','184',X'1D0235381EEB09934674B27BF3A5E982',104,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','185',X'24E734AD686CBFE80A537895BF6E35B0',104,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','186',X'C323F6F73CBEFFF54CB1E5BDEC24709C',104,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','2',X'7D2CD42B3E9357BA5C7DF0704CBD8FD3',101,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','241',X'9492B2FCD2A79B2DA6A343A6728F4B5B',105,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','242',X'159E694FED2B8B30CE51C53FD91E7F1F',105,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','243',X'F9E9C90720C5D42099CBE7FF38D098E5',105,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','244',X'1C92AEA38CF99DB5ABBA3B020AC26764',105,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','245',X'2C0EE1BC2F9B7844B22B875BEBF4ADEE',105,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','246',X'BD660D425ABE120B5333949ECED50A6D',105,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','3',X'06B39854020F8BEC65FA505D1FB61EA7',101,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','301',X'99479B9070F6A2B1A861BA0EAC861FE2',106,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','302',X'8D69B5BDC90B3C9BDCB6138F41C5B9D1',106,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','303',X'AA8089DABE51356EFD093CA20091E978',106,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','304',X'BFB4B86E904F4F062B2A603B496D580F',106,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','305',X'D7D60B4270E1EEFA819671C8F8BB2276',106,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','306',X'B700CCABDD8420E7633E1BF25B90BBFE',106,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','361',X'6817C9FE1C073E3F58A0DDFC5E5BA49E',107,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','362',X'98EE8ECF8255C2134E7ECF5354EACBB6',107,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','363',X'BCBF3216EC340CDB894412406C65433A',107,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','364',X'8B4BA70871A2E5A057D210FAB40773C9',107,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','365',X'FF4AA646BAE803660CC9429FD9F20DE9',107,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','366',X'FB7F4C661D288EFAC393BF3A9D638A0C',107,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','4',X'FEF14076485BC2EAAB264C10C061EFE0',101,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','421',X'C972D88DA9C640F3D91F9DD134FC0503',108,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','422',X'6A916A4CDE8A28151F02981AF49A07A1',108,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','423',X'FAE9A82E392CA4035E77528DAB93616B',108,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','424',X'3BA84A7C5A9B7BD9CD801B84EF62AD1A',108,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','425',X'713C60601BFF1837A2AB0C8144825CED',108,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','426',X'2CABB3793156162C360F3768529F2C70',108,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','481',X'609B1706C561D35158B54188E907B543',109,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','482',X'AFAF13FF03FFE02F1686538BE816484B',109,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','483',X'BA8FC3E17150AB398C480E05F28B7051',109,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','484',X'50B88B9CFC5D8F6FAE68683CBFF49D8F',109,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','485',X'4D6EFCFA750F6F27EFF2E195F7BB1CB4',109,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','486',X'362BDA1BEBFE7481D8C0CD87EE95FC2A',109,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','5',X'3DA4FB4661A3240D370230858ECA09EE',101,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','541',X'DB464E2EF7D6B61CD85B9548FA0B3604',110,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','542',X'63D4BE47ECD0E30D475F08DFD6447350',110,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','543',X'0AF099EA7F30BCA5A2F5737C5F40F8CD',110,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','544',X'FEB474CBA373AFE2112D072E9B521F34',110,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','545',X'3D0D58AB72A4E6F6C8C15AF5086E671B',110,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','546',X'3E17A9DE88451DAF59C14D61288AD468',110,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','6',X'F11A21C66D0869B1B0120335528F0813',101,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','61',X'FF5181260F5F3F60EA8F5DA1E6D747BC',102,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','62',X'9FE87E3212450E580F193906B610BF11',102,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','63',X'8BFF95B27A53AB70086EC0C96B998946',102,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','64',X'3757B5490E2DCC984046FE38C7696C01',102,0,NULL,1,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','65',X'DF83EF07446586047709092994D93F6A',102,0,NULL,2,NULL,NULL,NULL);
INSERT INTO "file_keys" VALUES('activities','66',X'412673DEC2CF3EC25F10488A57AB807D',102,0,NULL,2,NULL,NULL,NULL);
CREATE TABLE file_removed (
    kind TEXT PRIMARY KEY,
    last INTEGER NOT NULL
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
INSERT INTO "file_segments" VALUES('activities',1,'activities-000001.jsonl',34,8838,'0f492287fd1f8822672973bac481923cac5b4a5b43f5939b97d219f60e2fa01e','2026-03-08T05:00:00Z','2026-03-08T05:05:30Z','2026-11-28T12:41:55.779589136Z',1);
INSERT INTO "file_segments" VALUES('activities',2,'activities-000002.jsonl',26,6768,'b39d763c074cdcf06e00d286aca9f1150d29bcd9074e34dee229ff8614810916','2026-03-08T05:05:40Z','2026-03-08T05:09:50Z','2026-11-28T12:41:55.808261908Z',1);
CREATE TABLE leads (
    id                    INTEGER PRIMARY KEY,
    email                 TEXT NOT NULL,
    foreign_sys_person_id TEXT NOT NULL,
    foreign_sys_type      TEXT NOT NULL,
    attributes            TEXT NOT NULL, -- JSON object; a name that repeats has an array
    run                   INTEGER NOT NULL,
    digest                BLOB NOT NULL
, gone_at TEXT);
CREATE TABLE river_client (
    id text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata blob NOT NULL DEFAULT (json('{}')),
    paused_at timestamp,
    updated_at timestamp NOT NULL,
    CONSTRAINT name_length CHECK (length(id) > 0 AND length(id) < 128)
);
CREATE TABLE river_client_queue (
    river_client_id text NOT NULL REFERENCES river_client (id) ON DELETE CASCADE,
    name text NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    max_workers integer NOT NULL DEFAULT 0,
    metadata blob NOT NULL DEFAULT (json('{}')),
    num_jobs_completed integer NOT NULL DEFAULT 0,
    num_jobs_running integer NOT NULL DEFAULT 0,
    updated_at timestamp NOT NULL,
    PRIMARY KEY (river_client_id, name),
    CONSTRAINT name_length CHECK (length(name) > 0 AND length(name) < 128),
    CONSTRAINT num_jobs_completed_zero_or_positive CHECK (num_jobs_completed >= 0),
    CONSTRAINT num_jobs_running_zero_or_positive CHECK (num_jobs_running >= 0)
);
CREATE TABLE river_job (
    id integer PRIMARY KEY, -- SQLite makes this autoincrementing automatically
    args blob NOT NULL DEFAULT '{}',
    attempt integer NOT NULL DEFAULT 0,
    attempted_at timestamp,
    attempted_by blob, -- json
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    errors blob, -- json
    finalized_at timestamp,
    kind text NOT NULL,
    max_attempts integer NOT NULL,
    metadata blob NOT NULL DEFAULT (json('{}')),
    priority integer NOT NULL DEFAULT 1,
    queue text NOT NULL DEFAULT 'default',
    state text NOT NULL DEFAULT 'available',
    scheduled_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tags blob NOT NULL DEFAULT (json('[]')),
    unique_key blob,
    unique_states integer,
    CONSTRAINT finalized_or_finalized_at_null CHECK (
        (finalized_at IS NULL AND state NOT IN ('cancelled', 'completed', 'discarded')) OR
        (finalized_at IS NOT NULL AND state IN ('cancelled', 'completed', 'discarded'))
    ),
    CONSTRAINT priority_in_range CHECK (priority >= 1 AND priority <= 4),
    CONSTRAINT queue_length CHECK (length(queue) > 0 AND length(queue) < 128),
    CONSTRAINT kind_length CHECK (length(kind) > 0 AND length(kind) < 128),
    CONSTRAINT state_valid CHECK (state IN ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled'))
);
INSERT INTO "river_job" VALUES(1,X'7B2277696E646F77223A312C2273747265616D223A2261637469766974696573227D',1,'2026-11-28 12:41:55.752','["worker"]','2026-11-28 12:41:55.744',NULL,'2026-11-28 12:41:55.808823942+00:00','mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538"}',1,'mktows','completed','2026-11-28 12:41:55.744','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(2,X'7B2277696E646F77223A322C2273747265616D223A2261637469766974696573227D',0,'2026-11-28 12:41:55.752','["worker"]','2026-11-28 12:41:55.744',NULL,NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:42:00.777102885+00:00','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(3,X'7B2277696E646F77223A332C2273747265616D223A2261637469766974696573227D',1,'2026-11-28 12:41:55.752','["worker"]','2026-11-28 12:41:55.745','[{"at":"2026-11-28T12:41:55.755891235Z","attempt":1,"error":"JobCancelError: stream activities: the service refuses it: getLeadChanges: 20110: broken; correct the value of the parameter; correct what it asks for and run again; no other window of the run is begun","trace":""}]','2026-11-28 12:41:55.776484196+00:00','mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538"}',1,'mktows','cancelled','2026-11-28 12:41:55.745','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(4,X'7B2277696E646F77223A342C2273747265616D223A2261637469766974696573227D',1,'2026-11-28 12:41:55.837','["worker","worker"]','2026-11-28 12:41:55.745','[{"at":"2026-11-28T12:41:55.754616058Z","attempt":1,"error":"getLeadChanges: connection reset","trace":""}]',NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:41:55.840805501+00:00','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(5,X'7B2277696E646F77223A352C2273747265616D223A2261637469766974696573227D',0,'2026-11-28 12:41:55.773','["worker"]','2026-11-28 12:41:55.746',NULL,NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:42:00.781988752+00:00','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(6,X'7B2277696E646F77223A362C2273747265616D223A2261637469766974696573227D',0,'2026-11-28 12:41:55.791','["worker"]','2026-11-28 12:41:55.746',NULL,NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:42:00.832975533+00:00','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(7,X'7B2277696E646F77223A372C2273747265616D223A2261637469766974696573227D',0,'2026-11-28 12:41:55.791','["worker"]','2026-11-28 12:41:55.747',NULL,NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:42:00.832298371+00:00','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(8,X'7B2277696E646F77223A382C2273747265616D223A2261637469766974696573227D',0,'2026-11-28 12:41:55.833','["worker"]','2026-11-28 12:41:55.747',NULL,NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:41:55.857901474+00:00','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(9,X'7B2277696E646F77223A392C2273747265616D223A2261637469766974696573227D',0,'2026-11-28 12:41:55.837','["worker"]','2026-11-28 12:41:55.748',NULL,NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:41:55.840788579+00:00','[]',NULL,NULL);
INSERT INTO "river_job" VALUES(10,X'7B2277696E646F77223A31302C2273747265616D223A2261637469766974696573227D',0,'2026-11-28 12:41:55.837','["worker"]','2026-11-28 12:41:55.749',NULL,NULL,'mktows_window',10000,'{"river:unique_nonce":"82c4c66e0a3d2538","snoozes":1}',1,'mktows','available','2026-11-28 12:41:55.840541744+00:00','[]',NULL,NULL);
CREATE TABLE river_leader (
    elected_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    leader_id text NOT NULL,
    name text PRIMARY KEY NOT NULL DEFAULT 'default' CHECK (name = 'default'),
    CONSTRAINT name_length CHECK (length(name) > 0 AND length(name) < 128),
    CONSTRAINT leader_id_length CHECK (length(leader_id) > 0 AND length(leader_id) < 128)
);
CREATE TABLE river_migration (
    line text NOT NULL,
    version integer NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT line_length CHECK (length(line) > 0 AND length(line) < 128),
    CONSTRAINT version_gte_1 CHECK (version >= 1),
    PRIMARY KEY (line, version)
);
INSERT INTO "river_migration" VALUES('main',1,'2026-11-28 12:41:55');
INSERT INTO "river_migration" VALUES('main',2,'2026-11-28 12:41:55');
INSERT INTO "river_migration" VALUES('main',3,'2026-11-28 12:41:55');
INSERT INTO "river_migration" VALUES('main',4,'2026-11-28 12:41:55');
INSERT INTO "river_migration" VALUES('main',5,'2026-11-28 12:41:55');
INSERT INTO "river_migration" VALUES('main',6,'2026-11-28 12:41:55');
CREATE TABLE river_queue (
    name text PRIMARY KEY NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    metadata blob NOT NULL DEFAULT (json('{}')),
    paused_at timestamp,
    updated_at timestamp NOT NULL
);
INSERT INTO "river_queue" VALUES('mktows','2026-11-28 12:41:55.733','{}',NULL,'2026-11-28 12:41:55.733');
CREATE TABLE sync_calls (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    instance TEXT NOT NULL,
    worker   TEXT NOT NULL,
    started  TEXT NOT NULL,
    ended    TEXT
);
CREATE TABLE sync_lead_uppers (
    lead_key    TEXT PRIMARY KEY,
    upper_bound TEXT NOT NULL
);
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
CREATE TABLE sync_quotas (
    instance  TEXT NOT NULL,
    resets_at TEXT NOT NULL, -- midnight US Central
    used      INTEGER NOT NULL,
    PRIMARY KEY (instance, resets_at)
);
CREATE TABLE sync_runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    stream      TEXT NOT NULL REFERENCES sync_streams (name),
    upper_bound TEXT NOT NULL, -- everything before it is copied when the run is done
    started_at  TEXT NOT NULL,
    finished_at TEXT           -- when the last window was done
, refused INTEGER NOT NULL DEFAULT 0);
INSERT INTO "sync_runs" VALUES(1,'activities','2026-03-08T06:40:00Z','2026-11-28T12:41:55Z',NULL,1);
CREATE TABLE sync_schema (version integer NOT NULL);
INSERT INTO "sync_schema" VALUES(2);
CREATE TABLE sync_schemes (
    scheme TEXT PRIMARY KEY -- guid, none: there are or were activities with GUIDs, without; gap, indexed: see below
);
INSERT INTO "sync_schemes" VALUES('guid');
CREATE TABLE sync_streams (
    name     TEXT PRIMARY KEY,
    query    TEXT NOT NULL,           -- JSON: types, fields
    since    TEXT NOT NULL,
    instance TEXT NOT NULL DEFAULT '' -- the Marketo instance; empty: not known
, begun_after INTEGER NOT NULL DEFAULT 0);
INSERT INTO "sync_streams" VALUES('activities','{}','2026-03-08T05:00:00Z','',0);
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
, gone INTEGER NOT NULL DEFAULT 0, problems INTEGER NOT NULL DEFAULT 0);
INSERT INTO "sync_windows" VALUES(1,1,'activities','2026-03-08T05:00:00Z','2026-03-08T05:10:00Z','2026-03-08T05:00:00Z',NULL,NULL,'done','{"range":{"from":1772946600,"to":1772946600,"calls":5,"rows":60,"total":61,"page":20}}',1,'worker',0,NULL,5,5,60,60,0,0,0,'2026-11-28T12:41:55Z','2026-11-28T12:41:55Z',0,0);
INSERT INTO "sync_windows" VALUES(2,1,'activities','2026-03-08T05:10:00Z','2026-03-08T05:20:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',0,NULL,0,NULL,0,0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "sync_windows" VALUES(3,1,'activities','2026-03-08T05:20:00Z','2026-03-08T05:30:00Z','2026-03-08T05:00:00Z',NULL,NULL,'failed','',1,NULL,1,'stream activities: the service refuses it: getLeadChanges: 20110: broken; correct the value of the parameter; correct what it asks for and run again; no other window of the run is begun',0,0,0,0,0,0,0,'2026-11-28T12:41:55Z',NULL,0,0);
INSERT INTO "sync_windows" VALUES(4,1,'activities','2026-03-08T05:30:00Z','2026-03-08T05:40:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',1,NULL,1,'getLeadChanges: connection reset',0,0,0,0,0,0,0,'2026-11-28T12:41:55Z',NULL,0,0);
INSERT INTO "sync_windows" VALUES(5,1,'activities','2026-03-08T05:40:00Z','2026-03-08T05:50:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',0,NULL,0,NULL,0,0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "sync_windows" VALUES(6,1,'activities','2026-03-08T05:50:00Z','2026-03-08T06:00:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',0,NULL,0,NULL,0,0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "sync_windows" VALUES(7,1,'activities','2026-03-08T06:00:00Z','2026-03-08T06:10:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',0,NULL,0,NULL,0,0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "sync_windows" VALUES(8,1,'activities','2026-03-08T06:10:00Z','2026-03-08T06:20:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',0,NULL,0,NULL,0,0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "sync_windows" VALUES(9,1,'activities','2026-03-08T06:20:00Z','2026-03-08T06:30:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',0,NULL,0,NULL,0,0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "sync_windows" VALUES(10,1,'activities','2026-03-08T06:30:00Z','2026-03-08T06:40:00Z','2026-03-08T05:00:00Z',NULL,NULL,'pending','',0,NULL,0,NULL,0,0,0,0,0,0,0,NULL,NULL,0,0);
CREATE TABLE sync_workers (
    name  TEXT PRIMARY KEY,
    until TEXT NOT NULL -- end of the lease
);
CREATE INDEX activities_by_lead ON activities (lead_id);
CREATE INDEX activities_by_time ON activities (occurred_at);
CREATE INDEX sync_runs_by_stream ON sync_runs (stream, upper_bound);
CREATE INDEX sync_windows_by_run ON sync_windows (run);
CREATE INDEX sync_windows_unfinished ON sync_windows (stream, from_time) WHERE state <> 'done';
CREATE INDEX sync_calls_by_instance ON sync_calls (instance, ended);
CREATE INDEX river_job_kind ON river_job (kind);
CREATE INDEX river_job_state_and_finalized_at_index ON river_job (state, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX river_job_prioritized_fetching_index ON river_job (state, queue, priority, scheduled_at, id);
CREATE UNIQUE INDEX river_job_unique_idx ON river_job (unique_key)
    WHERE unique_key IS NOT NULL
        AND unique_states IS NOT NULL
        AND CASE state
            WHEN 'available' THEN unique_states & (1 << 0)
            WHEN 'cancelled' THEN unique_states & (1 << 1)
            WHEN 'completed' THEN unique_states & (1 << 2)
            WHEN 'discarded' THEN unique_states & (1 << 3)
            WHEN 'pending'   THEN unique_states & (1 << 4)
            WHEN 'retryable' THEN unique_states & (1 << 5)
            WHEN 'running'   THEN unique_states & (1 << 6)
            WHEN 'scheduled' THEN unique_states & (1 << 7)
            ELSE 0
        END >= 1;
CREATE INDEX file_keys_by_published ON file_keys (segment, published) WHERE published IS NOT NULL;
CREATE TRIGGER activities_gap AFTER DELETE ON activities WHEN old.id IS NOT NULL AND old.guid IS NULL
BEGIN
    INSERT INTO sync_schemes (scheme) SELECT 'gap' WHERE old.key GLOB 'id:*#*' OR EXISTS (SELECT 1 FROM activities WHERE key =
        'id:' || old.id || ':' || strftime('%s', old.occurred_at) || '#2' ||
        substr(old.key, length('id:' || old.id || ':' || strftime('%s', old.occurred_at)) + 1))
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER file_keys_gap AFTER DELETE ON file_keys WHEN old.kind = 'activities' AND old.key GLOB 'id:*'
BEGIN
    INSERT INTO sync_schemes (scheme) SELECT 'gap' WHERE old.key GLOB 'id:*#*' OR EXISTS (SELECT 1 FROM file_keys
        WHERE kind = old.kind AND key GLOB 'id:' || CAST(substr(old.key, 4) AS INTEGER) || ':' ||
            CAST(substr(old.key, 4 + instr(substr(old.key, 4), ':')) AS INTEGER) || '#*')
    ON CONFLICT DO NOTHING;
END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sync_runs',1);
INSERT INTO "sqlite_sequence" VALUES('sync_windows',10);
