CREATE TYPE public.river_job_state AS ENUM (
    'available',
    'cancelled',
    'completed',
    'discarded',
    'pending',
    'retryable',
    'running',
    'scheduled'
);

CREATE FUNCTION public.activities_gap() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    head text := 'id:' || old.id || ':' || CAST(extract(epoch FROM old.occurred_at) AS bigint);
BEGIN
    INSERT INTO sync_schemes (scheme) SELECT 'gap' WHERE old.key LIKE 'id:%#%'
        OR EXISTS (SELECT 1 FROM activities WHERE key = head || '#2' || substr(old.key, length(head) + 1))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.river_job_state_in_bitmask(bitmask bit, state public.river_job_state) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;

CREATE TABLE public.activities (
    key text NOT NULL,
    lead_id bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    occurred_local text NOT NULL,
    type text NOT NULL,
    asset text NOT NULL,
    campaign text NOT NULL,
    attributes jsonb NOT NULL,
    id bigint,
    guid text,
    person jsonb,
    late boolean NOT NULL,
    run bigint NOT NULL,
    digest bytea NOT NULL
);

CREATE TABLE public.leads (
    id bigint NOT NULL,
    email text NOT NULL,
    foreign_sys_person_id text NOT NULL,
    foreign_sys_type text NOT NULL,
    attributes jsonb NOT NULL,
    run bigint NOT NULL,
    digest bytea NOT NULL,
    gone_at timestamp with time zone
);

CREATE UNLOGGED TABLE public.river_client (
    id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT name_length CHECK (((char_length(id) > 0) AND (char_length(id) < 128)))
);

CREATE UNLOGGED TABLE public.river_client_queue (
    river_client_id text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    max_workers bigint DEFAULT 0 NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    num_jobs_completed bigint DEFAULT 0 NOT NULL,
    num_jobs_running bigint DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT name_length CHECK (((char_length(name) > 0) AND (char_length(name) < 128))),
    CONSTRAINT num_jobs_completed_zero_or_positive CHECK ((num_jobs_completed >= 0)),
    CONSTRAINT num_jobs_running_zero_or_positive CHECK ((num_jobs_running >= 0))
);

CREATE TABLE public.river_job (
    id bigint NOT NULL,
    state public.river_job_state DEFAULT 'available'::public.river_job_state NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint NOT NULL,
    attempted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finalized_at timestamp with time zone,
    scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    args jsonb NOT NULL,
    attempted_by text[],
    errors jsonb[],
    kind text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    tags character varying(255)[] DEFAULT '{}'::character varying[] NOT NULL,
    unique_key bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((((finalized_at IS NULL) AND (state <> ALL (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))) OR ((finalized_at IS NOT NULL) AND (state = ANY (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))))),
    CONSTRAINT kind_length CHECK (((char_length(kind) > 0) AND (char_length(kind) < 128))),
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0)),
    CONSTRAINT priority_in_range CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT queue_length CHECK (((char_length(queue) > 0) AND (char_length(queue) < 128)))
);

CREATE SEQUENCE public.river_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.river_job_id_seq OWNED BY public.river_job.id;

CREATE UNLOGGED TABLE public.river_leader (
    elected_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leader_id text NOT NULL,
    name text DEFAULT 'default'::text NOT NULL,
    CONSTRAINT leader_id_length CHECK (((char_length(leader_id) > 0) AND (char_length(leader_id) < 128))),
    CONSTRAINT name_length CHECK ((name = 'default'::text))
);

CREATE TABLE public.river_migration (
    line text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_length CHECK (((char_length(line) > 0) AND (char_length(line) < 128))),
    CONSTRAINT version_gte_1 CHECK ((version >= 1))
);

CREATE TABLE public.river_queue (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sync_calls (
    id bigint NOT NULL,
    instance text NOT NULL,
    worker text NOT NULL,
    started timestamp with time zone NOT NULL,
    ended timestamp with time zone
);

ALTER TABLE public.sync_calls ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sync_calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sync_lead_uppers (
    lead_key text NOT NULL,
    upper_bound timestamp with time zone NOT NULL
);

CREATE TABLE public.sync_problems (
    key text NOT NULL,
    stream text NOT NULL,
    run bigint NOT NULL,
    window_id bigint NOT NULL,
    found_at timestamp with time zone NOT NULL,
    problem text NOT NULL,
    guid text NOT NULL,
    record text NOT NULL
);

CREATE TABLE public.sync_quotas (
    instance text NOT NULL,
    resets_at timestamp with time zone NOT NULL,
    used bigint NOT NULL
);

CREATE TABLE public.sync_runs (
    id bigint NOT NULL,
    stream text NOT NULL,
    upper_bound timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    refused bigint DEFAULT 0 NOT NULL
);

ALTER TABLE public.sync_runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sync_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sync_schema (
    version integer NOT NULL
);

CREATE TABLE public.sync_schemes (
    scheme text NOT NULL
);

CREATE TABLE public.sync_streams (
    name text NOT NULL,
    query text NOT NULL,
    since timestamp with time zone NOT NULL,
    instance text DEFAULT ''::text NOT NULL,
    begun_after bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.sync_windows (
    id bigint NOT NULL,
    run bigint NOT NULL,
    stream text NOT NULL,
    from_time timestamp with time zone NOT NULL,
    to_time timestamp with time zone NOT NULL,
    fresh_from timestamp with time zone NOT NULL,
    names jsonb,
    leads jsonb,
    state text NOT NULL,
    "position" text NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    worker text,
    attempts bigint DEFAULT 0 NOT NULL,
    error text,
    calls bigint DEFAULT 0 NOT NULL,
    pages bigint DEFAULT 0 NOT NULL,
    seen bigint DEFAULT 0 NOT NULL,
    inserted bigint DEFAULT 0 NOT NULL,
    updated bigint DEFAULT 0 NOT NULL,
    late bigint DEFAULT 0 NOT NULL,
    missing bigint DEFAULT 0 NOT NULL,
    started_at timestamp with time zone,
    done_at timestamp with time zone,
    gone bigint DEFAULT 0 NOT NULL,
    problems bigint DEFAULT 0 NOT NULL
);

ALTER TABLE public.sync_windows ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sync_windows_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sync_workers (
    name text NOT NULL,
    until timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.river_job ALTER COLUMN id SET DEFAULT nextval('public.river_job_id_seq'::regclass);

INSERT INTO public.activities VALUES ('1', 101, '2026-03-08 05:00:00+00', '2026-03-07T23:00:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 1, '1', NULL, false, 1, '\x0649d80f22e4101561ce2eb8e7a79540');
INSERT INTO public.activities VALUES ('121', 103, '2026-03-08 05:00:20+00', '2026-03-07T23:00:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 121, '121', NULL, false, 1, '\x4fe2e7231c84d96b934ad6620a5638c0');
INSERT INTO public.activities VALUES ('122', 103, '2026-03-08 05:02:00+00', '2026-03-07T23:02:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 122, '122', NULL, false, 1, '\x5bca841bf1ce3aae16172f2ecddbe5b7');
INSERT INTO public.activities VALUES ('181', 104, '2026-03-08 05:00:30+00', '2026-03-07T23:00:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 181, '181', NULL, false, 1, '\xef5c268f491b82a8e09b62a97fdb3150');
INSERT INTO public.activities VALUES ('182', 104, '2026-03-08 05:02:10+00', '2026-03-07T23:02:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 182, '182', NULL, false, 1, '\xfb44b31da11f45ef9252c2556a06c821');
INSERT INTO public.activities VALUES ('2', 101, '2026-03-08 05:01:40+00', '2026-03-07T23:01:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 2, '2', NULL, false, 1, '\x7d2cd42b3e9357ba5c7df0704cbd8fd3');
INSERT INTO public.activities VALUES ('241', 105, '2026-03-08 05:00:40+00', '2026-03-07T23:00:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 241, '241', NULL, false, 1, '\x9492b2fcd2a79b2da6a343a6728f4b5b');
INSERT INTO public.activities VALUES ('242', 105, '2026-03-08 05:02:20+00', '2026-03-07T23:02:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 242, '242', NULL, false, 1, '\x159e694fed2b8b30ce51c53fd91e7f1f');
INSERT INTO public.activities VALUES ('301', 106, '2026-03-08 05:00:50+00', '2026-03-07T23:00:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 301, '301', NULL, false, 1, '\x99479b9070f6a2b1a861ba0eac861fe2');
INSERT INTO public.activities VALUES ('302', 106, '2026-03-08 05:02:30+00', '2026-03-07T23:02:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 302, '302', NULL, false, 1, '\x8d69b5bdc90b3c9bdcb6138f41c5b9d1');
INSERT INTO public.activities VALUES ('361', 107, '2026-03-08 05:01:00+00', '2026-03-07T23:01:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 361, '361', NULL, false, 1, '\x6817c9fe1c073e3f58a0ddfc5e5ba49e');
INSERT INTO public.activities VALUES ('362', 107, '2026-03-08 05:02:40+00', '2026-03-07T23:02:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 362, '362', NULL, false, 1, '\x98ee8ecf8255c2134e7ecf5354eacbb6');
INSERT INTO public.activities VALUES ('421', 108, '2026-03-08 05:01:10+00', '2026-03-07T23:01:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 421, '421', NULL, false, 1, '\xc972d88da9c640f3d91f9dd134fc0503');
INSERT INTO public.activities VALUES ('422', 108, '2026-03-08 05:02:50+00', '2026-03-07T23:02:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 422, '422', NULL, false, 1, '\x6a916a4cde8a28151f02981af49a07a1');
INSERT INTO public.activities VALUES ('481', 109, '2026-03-08 05:01:20+00', '2026-03-07T23:01:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 481, '481', NULL, false, 1, '\x609b1706c561d35158b54188e907b543');
INSERT INTO public.activities VALUES ('482', 109, '2026-03-08 05:03:00+00', '2026-03-07T23:03:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 482, '482', NULL, false, 1, '\xafaf13ff03ffe02f1686538be816484b');
INSERT INTO public.activities VALUES ('541', 110, '2026-03-08 05:01:30+00', '2026-03-07T23:01:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 541, '541', NULL, false, 1, '\xdb464e2ef7d6b61cd85b9548fa0b3604');
INSERT INTO public.activities VALUES ('61', 102, '2026-03-08 05:00:10+00', '2026-03-07T23:00:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 61, '61', NULL, false, 1, '\xff5181260f5f3f60ea8f5da1e6d747bc');
INSERT INTO public.activities VALUES ('62', 102, '2026-03-08 05:01:50+00', '2026-03-07T23:01:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 62, '62', NULL, false, 1, '\x9fe87e3212450e580f193906b610bf11');
INSERT INTO public.activities VALUES ('145', 103, '2026-03-08 05:40:20+00', '2026-03-07T23:40:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 145, '145', NULL, false, 1, '\x9e863555e94921f310fe0fbca0cc2dc8');
INSERT INTO public.activities VALUES ('146', 103, '2026-03-08 05:42:00+00', '2026-03-07T23:42:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 146, '146', NULL, false, 1, '\x28b7037e56c2726683e3f9eb94d41b26');
INSERT INTO public.activities VALUES ('205', 104, '2026-03-08 05:40:30+00', '2026-03-07T23:40:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 205, '205', NULL, false, 1, '\x65d94ef9a146c0f36a1e4148e57610a4');
INSERT INTO public.activities VALUES ('206', 104, '2026-03-08 05:42:10+00', '2026-03-07T23:42:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 206, '206', NULL, false, 1, '\x3c45ba211cef5138ecc7e6ada1b776bd');
INSERT INTO public.activities VALUES ('25', 101, '2026-03-08 05:40:00+00', '2026-03-07T23:40:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 25, '25', NULL, false, 1, '\x9a0a3e876a1f1951931be5a6366f44b3');
INSERT INTO public.activities VALUES ('26', 101, '2026-03-08 05:41:40+00', '2026-03-07T23:41:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 26, '26', NULL, false, 1, '\x57e3f67648e1d542f568e789296e5b84');
INSERT INTO public.activities VALUES ('265', 105, '2026-03-08 05:40:40+00', '2026-03-07T23:40:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 265, '265', NULL, false, 1, '\xe3c4f08793ef80ea3e9009267b6e89dd');
INSERT INTO public.activities VALUES ('266', 105, '2026-03-08 05:42:20+00', '2026-03-07T23:42:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 266, '266', NULL, false, 1, '\x6295b547297fed9041fe9c0842f3b45c');
INSERT INTO public.activities VALUES ('325', 106, '2026-03-08 05:40:50+00', '2026-03-07T23:40:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 325, '325', NULL, false, 1, '\x67b86f26113c993fecbbe31e419c1777');
INSERT INTO public.activities VALUES ('326', 106, '2026-03-08 05:42:30+00', '2026-03-07T23:42:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 326, '326', NULL, false, 1, '\x9a79dd56ecd4cf1c5ef434bf9c3214a2');
INSERT INTO public.activities VALUES ('385', 107, '2026-03-08 05:41:00+00', '2026-03-07T23:41:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 385, '385', NULL, false, 1, '\x0d2396ddde0df0aabdff0ee57b243274');
INSERT INTO public.activities VALUES ('386', 107, '2026-03-08 05:42:40+00', '2026-03-07T23:42:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 386, '386', NULL, false, 1, '\x0775001cdb16f8ff4d4190894ee68dae');
INSERT INTO public.activities VALUES ('445', 108, '2026-03-08 05:41:10+00', '2026-03-07T23:41:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 445, '445', NULL, false, 1, '\x7011f2b75f72ae0b4e1fdd3055ab3ecd');
INSERT INTO public.activities VALUES ('446', 108, '2026-03-08 05:42:50+00', '2026-03-07T23:42:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 446, '446', NULL, false, 1, '\xa0a83e1572d7bcb053b6bcd257acbc47');
INSERT INTO public.activities VALUES ('505', 109, '2026-03-08 05:41:20+00', '2026-03-07T23:41:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 505, '505', NULL, false, 1, '\x74615a91c5064f09184ab7a1b0b24120');
INSERT INTO public.activities VALUES ('506', 109, '2026-03-08 05:43:00+00', '2026-03-07T23:43:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 506, '506', NULL, false, 1, '\x0a7589811616bab76fa6150c25b9de05');
INSERT INTO public.activities VALUES ('565', 110, '2026-03-08 05:41:30+00', '2026-03-07T23:41:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 565, '565', NULL, false, 1, '\xaeb243f73a42753aa8de6582979db035');
INSERT INTO public.activities VALUES ('85', 102, '2026-03-08 05:40:10+00', '2026-03-07T23:40:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 85, '85', NULL, false, 1, '\x8f2388158d839ec632799d42b2fbe8be');
INSERT INTO public.activities VALUES ('86', 102, '2026-03-08 05:41:50+00', '2026-03-07T23:41:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 86, '86', NULL, false, 1, '\xdea1ce030ce66461301d56845c8bf976');
INSERT INTO public.activities VALUES ('123', 103, '2026-03-08 05:03:40+00', '2026-03-07T23:03:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 123, '123', NULL, false, 1, '\x3442807eec0dc1fbc7bd0c775a4a1e28');
INSERT INTO public.activities VALUES ('124', 103, '2026-03-08 05:05:20+00', '2026-03-07T23:05:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 124, '124', NULL, false, 1, '\x1b047df31cffbab6bfd950b5b969ec69');
INSERT INTO public.activities VALUES ('183', 104, '2026-03-08 05:03:50+00', '2026-03-07T23:03:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 183, '183', NULL, false, 1, '\xb4caca9bbc7768098d4480fbd555615c');
INSERT INTO public.activities VALUES ('184', 104, '2026-03-08 05:05:30+00', '2026-03-07T23:05:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 184, '184', NULL, false, 1, '\x1d0235381eeb09934674b27bf3a5e982');
INSERT INTO public.activities VALUES ('243', 105, '2026-03-08 05:04:00+00', '2026-03-07T23:04:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 243, '243', NULL, false, 1, '\xf9e9c90720c5d42099cbe7ff38d098e5');
INSERT INTO public.activities VALUES ('3', 101, '2026-03-08 05:03:20+00', '2026-03-07T23:03:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 3, '3', NULL, false, 1, '\x06b39854020f8bec65fa505d1fb61ea7');
INSERT INTO public.activities VALUES ('303', 106, '2026-03-08 05:04:10+00', '2026-03-07T23:04:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 303, '303', NULL, false, 1, '\xaa8089dabe51356efd093ca20091e978');
INSERT INTO public.activities VALUES ('363', 107, '2026-03-08 05:04:20+00', '2026-03-07T23:04:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 363, '363', NULL, false, 1, '\xbcbf3216ec340cdb894412406c65433a');
INSERT INTO public.activities VALUES ('4', 101, '2026-03-08 05:05:00+00', '2026-03-07T23:05:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 4, '4', NULL, false, 1, '\xfef14076485bc2eaab264c10c061efe0');
INSERT INTO public.activities VALUES ('423', 108, '2026-03-08 05:04:30+00', '2026-03-07T23:04:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 423, '423', NULL, false, 1, '\xfae9a82e392ca4035e77528dab93616b');
INSERT INTO public.activities VALUES ('483', 109, '2026-03-08 05:04:40+00', '2026-03-07T23:04:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 483, '483', NULL, false, 1, '\xba8fc3e17150ab398c480e05f28b7051');
INSERT INTO public.activities VALUES ('542', 110, '2026-03-08 05:03:10+00', '2026-03-07T23:03:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 542, '542', NULL, false, 1, '\x63d4be47ecd0e30d475f08dfd6447350');
INSERT INTO public.activities VALUES ('543', 110, '2026-03-08 05:04:50+00', '2026-03-07T23:04:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 543, '543', NULL, false, 1, '\x0af099ea7f30bca5a2f5737c5f40f8cd');
INSERT INTO public.activities VALUES ('63', 102, '2026-03-08 05:03:30+00', '2026-03-07T23:03:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 63, '63', NULL, false, 1, '\x8bff95b27a53ab70086ec0c96b998946');
INSERT INTO public.activities VALUES ('64', 102, '2026-03-08 05:05:10+00', '2026-03-07T23:05:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 64, '64', NULL, false, 1, '\x3757b5490e2dcc984046fe38c7696c01');
INSERT INTO public.activities VALUES ('125', 103, '2026-03-08 05:07:00+00', '2026-03-07T23:07:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 125, '125', NULL, false, 1, '\x4d4d22576317ef836cce05722ae7d222');
INSERT INTO public.activities VALUES ('185', 104, '2026-03-08 05:07:10+00', '2026-03-07T23:07:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 185, '185', NULL, false, 1, '\x24e734ad686cbfe80a537895bf6e35b0');
INSERT INTO public.activities VALUES ('244', 105, '2026-03-08 05:05:40+00', '2026-03-07T23:05:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 244, '244', NULL, false, 1, '\x1c92aea38cf99db5abba3b020ac26764');
INSERT INTO public.activities VALUES ('245', 105, '2026-03-08 05:07:20+00', '2026-03-07T23:07:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 245, '245', NULL, false, 1, '\x2c0ee1bc2f9b7844b22b875bebf4adee');
INSERT INTO public.activities VALUES ('304', 106, '2026-03-08 05:05:50+00', '2026-03-07T23:05:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 304, '304', NULL, false, 1, '\xbfb4b86e904f4f062b2a603b496d580f');
INSERT INTO public.activities VALUES ('305', 106, '2026-03-08 05:07:30+00', '2026-03-07T23:07:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 305, '305', NULL, false, 1, '\xd7d60b4270e1eefa819671c8f8bb2276');
INSERT INTO public.activities VALUES ('364', 107, '2026-03-08 05:06:00+00', '2026-03-07T23:06:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 364, '364', NULL, false, 1, '\x8b4ba70871a2e5a057d210fab40773c9');
INSERT INTO public.activities VALUES ('365', 107, '2026-03-08 05:07:40+00', '2026-03-07T23:07:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 365, '365', NULL, false, 1, '\xff4aa646bae803660cc9429fd9f20de9');
INSERT INTO public.activities VALUES ('424', 108, '2026-03-08 05:06:10+00', '2026-03-07T23:06:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 424, '424', NULL, false, 1, '\x3ba84a7c5a9b7bd9cd801b84ef62ad1a');
INSERT INTO public.activities VALUES ('425', 108, '2026-03-08 05:07:50+00', '2026-03-07T23:07:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 425, '425', NULL, false, 1, '\x713c60601bff1837a2ab0c8144825ced');
INSERT INTO public.activities VALUES ('484', 109, '2026-03-08 05:06:20+00', '2026-03-07T23:06:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 484, '484', NULL, false, 1, '\x50b88b9cfc5d8f6fae68683cbff49d8f');
INSERT INTO public.activities VALUES ('485', 109, '2026-03-08 05:08:00+00', '2026-03-07T23:08:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 485, '485', NULL, false, 1, '\x4d6efcfa750f6f27eff2e195f7bb1cb4');
INSERT INTO public.activities VALUES ('5', 101, '2026-03-08 05:06:40+00', '2026-03-07T23:06:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 5, '5', NULL, false, 1, '\x3da4fb4661a3240d370230858eca09ee');
INSERT INTO public.activities VALUES ('544', 110, '2026-03-08 05:06:30+00', '2026-03-07T23:06:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 544, '544', NULL, false, 1, '\xfeb474cba373afe2112d072e9b521f34');
INSERT INTO public.activities VALUES ('65', 102, '2026-03-08 05:06:50+00', '2026-03-07T23:06:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 65, '65', NULL, false, 1, '\xdf83ef07446586047709092994d93f6a');
INSERT INTO public.activities VALUES ('147', 103, '2026-03-08 05:43:40+00', '2026-03-07T23:43:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 147, '147', NULL, false, 1, '\x4ac77abaa879015ae73e95da2c329ea2');
INSERT INTO public.activities VALUES ('148', 103, '2026-03-08 05:45:20+00', '2026-03-07T23:45:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 148, '148', NULL, false, 1, '\xb13c99a91ed8a2a2902023e30f35c4ea');
INSERT INTO public.activities VALUES ('207', 104, '2026-03-08 05:43:50+00', '2026-03-07T23:43:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 207, '207', NULL, false, 1, '\x343fcec990118cb128e3ab33e7dc2203');
INSERT INTO public.activities VALUES ('208', 104, '2026-03-08 05:45:30+00', '2026-03-07T23:45:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 208, '208', NULL, false, 1, '\x483e8a1488b89f27aae660623046295a');
INSERT INTO public.activities VALUES ('267', 105, '2026-03-08 05:44:00+00', '2026-03-07T23:44:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 267, '267', NULL, false, 1, '\xf5895a92a5dd21086de0f961b04dd1e3');
INSERT INTO public.activities VALUES ('27', 101, '2026-03-08 05:43:20+00', '2026-03-07T23:43:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 27, '27', NULL, false, 1, '\xd90100b1e9f5be8395b8e683bbe7a486');
INSERT INTO public.activities VALUES ('28', 101, '2026-03-08 05:45:00+00', '2026-03-07T23:45:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 28, '28', NULL, false, 1, '\x9642246a2b18199e4369b6112d30eca6');
INSERT INTO public.activities VALUES ('327', 106, '2026-03-08 05:44:10+00', '2026-03-07T23:44:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 327, '327', NULL, false, 1, '\x466d8f2d63616d8e7168249d4b3d7131');
INSERT INTO public.activities VALUES ('387', 107, '2026-03-08 05:44:20+00', '2026-03-07T23:44:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 387, '387', NULL, false, 1, '\xfbfb29c28aa58087170500a92863ec04');
INSERT INTO public.activities VALUES ('447', 108, '2026-03-08 05:44:30+00', '2026-03-07T23:44:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 447, '447', NULL, false, 1, '\x0dc17c6f59492e7f2c8c7d80a75a04d8');
INSERT INTO public.activities VALUES ('507', 109, '2026-03-08 05:44:40+00', '2026-03-07T23:44:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 507, '507', NULL, false, 1, '\x0e5a18abce5323770a09f83bda04752f');
INSERT INTO public.activities VALUES ('566', 110, '2026-03-08 05:43:10+00', '2026-03-07T23:43:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 566, '566', NULL, false, 1, '\xd09b595fbf92f4acfd9a293b43b14e89');
INSERT INTO public.activities VALUES ('567', 110, '2026-03-08 05:44:50+00', '2026-03-07T23:44:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 567, '567', NULL, false, 1, '\x3248eece1eb4b1f1c4c0dd49fe2f96fc');
INSERT INTO public.activities VALUES ('87', 102, '2026-03-08 05:43:30+00', '2026-03-07T23:43:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 87, '87', NULL, false, 1, '\xc20b9f916fabeffccb6d55f97bc4e82d');
INSERT INTO public.activities VALUES ('88', 102, '2026-03-08 05:45:10+00', '2026-03-07T23:45:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 88, '88', NULL, false, 1, '\x7abdc6db10d837e0529de28aba87aec7');
INSERT INTO public.activities VALUES ('127', 103, '2026-03-08 05:10:20+00', '2026-03-07T23:10:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 127, '127', NULL, false, 1, '\x7facb6f841f462b77cd4da32652f6b30');
INSERT INTO public.activities VALUES ('128', 103, '2026-03-08 05:12:00+00', '2026-03-07T23:12:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 128, '128', NULL, false, 1, '\x7b73e5edf22902f5c2e3f4922088f5ac');
INSERT INTO public.activities VALUES ('187', 104, '2026-03-08 05:10:30+00', '2026-03-07T23:10:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 187, '187', NULL, false, 1, '\x6f08c48f94c8ca08875ef49dabd7f267');
INSERT INTO public.activities VALUES ('188', 104, '2026-03-08 05:12:10+00', '2026-03-07T23:12:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 188, '188', NULL, false, 1, '\x1e72b4bf53be0bf8024a08060d9bcba3');
INSERT INTO public.activities VALUES ('247', 105, '2026-03-08 05:10:40+00', '2026-03-07T23:10:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 247, '247', NULL, false, 1, '\xae1dafecfd9bb9e78629236c66beda8e');
INSERT INTO public.activities VALUES ('248', 105, '2026-03-08 05:12:20+00', '2026-03-07T23:12:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 248, '248', NULL, false, 1, '\x376ef1139ce069c91522c5baf52923a9');
INSERT INTO public.activities VALUES ('307', 106, '2026-03-08 05:10:50+00', '2026-03-07T23:10:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 307, '307', NULL, false, 1, '\x12e17814488ee89dc35e2b6d5cd3ee99');
INSERT INTO public.activities VALUES ('308', 106, '2026-03-08 05:12:30+00', '2026-03-07T23:12:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 308, '308', NULL, false, 1, '\x8071a14a38639e4bef3cb93b4cd2bb09');
INSERT INTO public.activities VALUES ('367', 107, '2026-03-08 05:11:00+00', '2026-03-07T23:11:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 367, '367', NULL, false, 1, '\x04b1a6a867102ac25b455d4af2454022');
INSERT INTO public.activities VALUES ('368', 107, '2026-03-08 05:12:40+00', '2026-03-07T23:12:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 368, '368', NULL, false, 1, '\x5940110949be51922b867a5ff7c4ed83');
INSERT INTO public.activities VALUES ('427', 108, '2026-03-08 05:11:10+00', '2026-03-07T23:11:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 427, '427', NULL, false, 1, '\x71852f229c72dea9fa0e07da9c44ddd3');
INSERT INTO public.activities VALUES ('428', 108, '2026-03-08 05:12:50+00', '2026-03-07T23:12:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 428, '428', NULL, false, 1, '\xdd2ccb0822523a97662dc55151fd45d6');
INSERT INTO public.activities VALUES ('487', 109, '2026-03-08 05:11:20+00', '2026-03-07T23:11:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 487, '487', NULL, false, 1, '\x47a69f3984e4dae6098a83ee2dc1dc41');
INSERT INTO public.activities VALUES ('488', 109, '2026-03-08 05:13:00+00', '2026-03-07T23:13:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 488, '488', NULL, false, 1, '\xef57e7f29a373cfa5323cadde743b731');
INSERT INTO public.activities VALUES ('547', 110, '2026-03-08 05:11:30+00', '2026-03-07T23:11:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 547, '547', NULL, false, 1, '\xf5077213105e7ba4315824fa94bd8ca5');
INSERT INTO public.activities VALUES ('67', 102, '2026-03-08 05:10:10+00', '2026-03-07T23:10:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 67, '67', NULL, false, 1, '\x31308a1350c267d7f8c5f63ce2c0f3bd');
INSERT INTO public.activities VALUES ('68', 102, '2026-03-08 05:11:50+00', '2026-03-07T23:11:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 68, '68', NULL, false, 1, '\x0ddd0eb74019324d1cd5bd314c776794');
INSERT INTO public.activities VALUES ('7', 101, '2026-03-08 05:10:00+00', '2026-03-07T23:10:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 7, '7', NULL, false, 1, '\x43c4356a9fe6c28db94681bad1d2922b');
INSERT INTO public.activities VALUES ('8', 101, '2026-03-08 05:11:40+00', '2026-03-07T23:11:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 8, '8', NULL, false, 1, '\xdc5aed01c4ed8c0b4f7bae6c96446dae');
INSERT INTO public.activities VALUES ('149', 103, '2026-03-08 05:47:00+00', '2026-03-07T23:47:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "103"}', 149, '149', NULL, false, 1, '\x1e73a1173de0207c48ba57be2c47b213');
INSERT INTO public.activities VALUES ('209', 104, '2026-03-08 05:47:10+00', '2026-03-07T23:47:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "104"}', 209, '209', NULL, false, 1, '\xfe49bdfe619c0575924f5f3fa937c729');
INSERT INTO public.activities VALUES ('268', 105, '2026-03-08 05:45:40+00', '2026-03-07T23:45:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 268, '268', NULL, false, 1, '\x32ac0ae33c03fc7403756654fbb95282');
INSERT INTO public.activities VALUES ('269', 105, '2026-03-08 05:47:20+00', '2026-03-07T23:47:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "105"}', 269, '269', NULL, false, 1, '\x660837ebe540d7b13813ad3e3070047e');
INSERT INTO public.activities VALUES ('29', 101, '2026-03-08 05:46:40+00', '2026-03-07T23:46:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "101"}', 29, '29', NULL, false, 1, '\x2574a7e4588aaf68162adbf458627838');
INSERT INTO public.activities VALUES ('328', 106, '2026-03-08 05:45:50+00', '2026-03-07T23:45:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 328, '328', NULL, false, 1, '\xd379350eb0f7c8ea07d4fb8c9d36070d');
INSERT INTO public.activities VALUES ('329', 106, '2026-03-08 05:47:30+00', '2026-03-07T23:47:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "106"}', 329, '329', NULL, false, 1, '\x5153deaa1db52f1d3cb6ce55215cbe35');
INSERT INTO public.activities VALUES ('388', 107, '2026-03-08 05:46:00+00', '2026-03-07T23:46:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 388, '388', NULL, false, 1, '\xa320e412dc0dba38c82a8dd082569b2a');
INSERT INTO public.activities VALUES ('389', 107, '2026-03-08 05:47:40+00', '2026-03-07T23:47:40-06:00', 'Visit Webpage', '', '', '{"Lead ID": "107"}', 389, '389', NULL, false, 1, '\xb129cb8330941e92036bed87d60257eb');
INSERT INTO public.activities VALUES ('448', 108, '2026-03-08 05:46:10+00', '2026-03-07T23:46:10-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 448, '448', NULL, false, 1, '\x723f0b6215639b6a9213ed90f59aec5c');
INSERT INTO public.activities VALUES ('449', 108, '2026-03-08 05:47:50+00', '2026-03-07T23:47:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "108"}', 449, '449', NULL, false, 1, '\x3c83548664d84124e39bb4872401cf7e');
INSERT INTO public.activities VALUES ('508', 109, '2026-03-08 05:46:20+00', '2026-03-07T23:46:20-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 508, '508', NULL, false, 1, '\x71f96ff3300ff7d579e60a96bef5dfd8');
INSERT INTO public.activities VALUES ('509', 109, '2026-03-08 05:48:00+00', '2026-03-07T23:48:00-06:00', 'Visit Webpage', '', '', '{"Lead ID": "109"}', 509, '509', NULL, false, 1, '\x663583388edce584d5d3712904e760c0');
INSERT INTO public.activities VALUES ('568', 110, '2026-03-08 05:46:30+00', '2026-03-07T23:46:30-06:00', 'Visit Webpage', '', '', '{"Lead ID": "110"}', 568, '568', NULL, false, 1, '\x3f79283acd7978ff4d130f4f5cc861de');
INSERT INTO public.activities VALUES ('89', 102, '2026-03-08 05:46:50+00', '2026-03-07T23:46:50-06:00', 'Visit Webpage', '', '', '{"Lead ID": "102"}', 89, '89', NULL, false, 1, '\xa9a9e57a29dfadb8e8bad09897139eb4');

INSERT INTO public.river_job VALUES (1, 'running', 1, 10000, '2026-11-28 12:42:40.453486+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:40.423392+00', 1, '{"stream": "activities", "window": 1}', '{worker}', NULL, 'mktows_window', '{}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (2, 'running', 1, 10000, '2026-11-28 12:42:40.453486+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:40.423392+00', 1, '{"stream": "activities", "window": 2}', '{worker}', NULL, 'mktows_window', '{}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (5, 'running', 1, 10000, '2026-11-28 12:42:40.497601+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:40.423392+00', 1, '{"stream": "activities", "window": 5}', '{worker}', NULL, 'mktows_window', '{}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (3, 'cancelled', 1, 10000, '2026-11-28 12:42:40.453486+00', '2026-11-28 12:42:40.423392+00', '2026-11-28 12:42:40.544868+00', '2026-11-28 12:42:40.423392+00', 1, '{"stream": "activities", "window": 3}', '{worker}', '{"{\"at\": \"2026-11-28T12:42:40.455796965Z\", \"error\": \"JobCancelError: stream activities: the service refuses it: getLeadChanges: 20110: broken; correct the value of the parameter; correct what it asks for and run again; no other window of the run is begun\", \"trace\": \"\", \"attempt\": 1}"}', 'mktows_window', '{}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (6, 'available', 0, 10000, '2026-11-28 12:42:40.563767+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:45.576009+00', 1, '{"stream": "activities", "window": 6}', '{worker}', NULL, 'mktows_window', '{"snoozes": 1}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (7, 'available', 0, 10000, '2026-11-28 12:42:40.591205+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:45.603203+00', 1, '{"stream": "activities", "window": 7}', '{worker}', NULL, 'mktows_window', '{"snoozes": 1}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (8, 'available', 0, 10000, '2026-11-28 12:42:40.613794+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:45.624157+00', 1, '{"stream": "activities", "window": 8}', '{worker}', NULL, 'mktows_window', '{"snoozes": 1}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (9, 'available', 0, 10000, '2026-11-28 12:42:40.62476+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:45.679858+00', 1, '{"stream": "activities", "window": 9}', '{worker}', NULL, 'mktows_window', '{"snoozes": 1}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (10, 'available', 0, 10000, '2026-11-28 12:42:40.68236+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:45.688908+00', 1, '{"stream": "activities", "window": 10}', '{worker}', NULL, 'mktows_window', '{"snoozes": 1}', 'mktows', '{}', NULL, NULL);
INSERT INTO public.river_job VALUES (4, 'available', 1, 10000, '2026-11-28 12:42:40.696084+00', '2026-11-28 12:42:40.423392+00', NULL, '2026-11-28 12:42:45.708568+00', 1, '{"stream": "activities", "window": 4}', '{worker,worker}', '{"{\"at\": \"2026-11-28T12:42:40.455470018Z\", \"error\": \"getLeadChanges: connection reset\", \"trace\": \"\", \"attempt\": 1}"}', 'mktows_window', '{"snoozes": 1}', 'mktows', '{}', NULL, NULL);

INSERT INTO public.river_migration VALUES ('main', 1, '2026-11-28 12:42:40.130024+00');
INSERT INTO public.river_migration VALUES ('main', 2, '2026-11-28 12:42:40.145775+00');
INSERT INTO public.river_migration VALUES ('main', 3, '2026-11-28 12:42:40.169922+00');
INSERT INTO public.river_migration VALUES ('main', 4, '2026-11-28 12:42:40.180073+00');
INSERT INTO public.river_migration VALUES ('main', 5, '2026-11-28 12:42:40.201237+00');
INSERT INTO public.river_migration VALUES ('main', 6, '2026-11-28 12:42:40.269432+00');

INSERT INTO public.river_queue VALUES ('mktows', '2026-11-28 12:42:40.331297+00', '{}', NULL, '2026-11-28 12:42:40.331297+00');

INSERT INTO public.sync_runs OVERRIDING SYSTEM VALUE VALUES (1, 'activities', '2026-03-08 06:40:00+00', '2026-11-28 12:42:40+00', NULL, 1);

INSERT INTO public.sync_schema VALUES (2);

INSERT INTO public.sync_schemes VALUES ('guid');

INSERT INTO public.sync_streams VALUES ('activities', '{}', '2026-03-08 05:00:00+00', '', 0);

INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (6, 1, 'activities', '2026-03-08 05:50:00+00', '2026-03-08 06:00:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'pending', '', 0, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (7, 1, 'activities', '2026-03-08 06:00:00+00', '2026-03-08 06:10:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'pending', '', 0, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (8, 1, 'activities', '2026-03-08 06:10:00+00', '2026-03-08 06:20:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'pending', '', 0, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (9, 1, 'activities', '2026-03-08 06:20:00+00', '2026-03-08 06:30:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'pending', '', 0, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (10, 1, 'activities', '2026-03-08 06:30:00+00', '2026-03-08 06:40:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'pending', '', 0, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (4, 1, 'activities', '2026-03-08 05:30:00+00', '2026-03-08 05:40:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'pending', '', 1, NULL, 1, 'getLeadChanges: connection reset', 0, 0, 0, 0, 0, 0, 0, '2026-11-28 12:42:40+00', NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (3, 1, 'activities', '2026-03-08 05:20:00+00', '2026-03-08 05:30:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'failed', '', 1, NULL, 1, 'stream activities: the service refuses it: getLeadChanges: 20110: broken; correct the value of the parameter; correct what it asks for and run again; no other window of the run is begun', 0, 0, 0, 0, 0, 0, 0, '2026-11-28 12:42:40+00', NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (2, 1, 'activities', '2026-03-08 05:10:00+00', '2026-03-08 05:20:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'running', '{"range":{"from":1772946789,"to":1772946937,"calls":2,"rows":19,"total":61,"page":20}}', 1, 'worker', 0, NULL, 2, 2, 19, 19, 0, 0, 0, '2026-11-28 12:42:40+00', NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (1, 1, 'activities', '2026-03-08 05:00:00+00', '2026-03-08 05:10:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'running', '{"range":{"from":1772946485,"to":1772946600,"calls":4,"rows":49,"total":61,"page":20}}', 1, 'worker', 0, NULL, 4, 4, 49, 49, 0, 0, 0, '2026-11-28 12:42:40+00', NULL, 0, 0);
INSERT INTO public.sync_windows OVERRIDING SYSTEM VALUE VALUES (5, 1, 'activities', '2026-03-08 05:40:00+00', '2026-03-08 05:50:00+00', '2026-03-08 05:00:00+00', NULL, NULL, 'running', '{"range":{"from":1772948885,"to":1772949000,"calls":4,"rows":49,"total":61,"page":20}}', 1, 'worker', 0, NULL, 4, 4, 49, 49, 0, 0, 0, '2026-11-28 12:42:40+00', NULL, 0, 0);

INSERT INTO public.sync_workers VALUES ('worker', '2026-11-28 12:42:55.307+00');

SELECT pg_catalog.setval('public.river_job_id_seq', 10, true);

SELECT pg_catalog.setval('public.sync_calls_id_seq', 1, false);

SELECT pg_catalog.setval('public.sync_runs_id_seq', 1, true);

SELECT pg_catalog.setval('public.sync_windows_id_seq', 10, true);

ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_key_key UNIQUE (key);

ALTER TABLE ONLY public.leads
    ADD CONSTRAINT leads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.river_client
    ADD CONSTRAINT river_client_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.river_client_queue
    ADD CONSTRAINT river_client_queue_pkey PRIMARY KEY (river_client_id, name);

ALTER TABLE ONLY public.river_job
    ADD CONSTRAINT river_job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.river_leader
    ADD CONSTRAINT river_leader_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.river_migration
    ADD CONSTRAINT river_migration_pkey1 PRIMARY KEY (line, version);

ALTER TABLE ONLY public.river_queue
    ADD CONSTRAINT river_queue_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.sync_calls
    ADD CONSTRAINT sync_calls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sync_lead_uppers
    ADD CONSTRAINT sync_lead_uppers_pkey PRIMARY KEY (lead_key);

ALTER TABLE ONLY public.sync_problems
    ADD CONSTRAINT sync_problems_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.sync_quotas
    ADD CONSTRAINT sync_quotas_pkey PRIMARY KEY (instance, resets_at);

ALTER TABLE ONLY public.sync_runs
    ADD CONSTRAINT sync_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sync_schemes
    ADD CONSTRAINT sync_schemes_pkey PRIMARY KEY (scheme);

ALTER TABLE ONLY public.sync_streams
    ADD CONSTRAINT sync_streams_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.sync_windows
    ADD CONSTRAINT sync_windows_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sync_workers
    ADD CONSTRAINT sync_workers_pkey PRIMARY KEY (name);

CREATE INDEX activities_by_lead ON public.activities USING btree (lead_id);

CREATE INDEX activities_by_time ON public.activities USING btree (occurred_at);

CREATE INDEX river_job_args_index ON public.river_job USING gin (args);

CREATE INDEX river_job_kind ON public.river_job USING btree (kind);

CREATE INDEX river_job_metadata_index ON public.river_job USING gin (metadata);

CREATE INDEX river_job_prioritized_fetching_index ON public.river_job USING btree (state, queue, priority, scheduled_at, id);

CREATE INDEX river_job_state_and_finalized_at_index ON public.river_job USING btree (state, finalized_at) WHERE (finalized_at IS NOT NULL);

CREATE UNIQUE INDEX river_job_unique_idx ON public.river_job USING btree (unique_key) WHERE ((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND public.river_job_state_in_bitmask(unique_states, state));

CREATE INDEX sync_calls_by_instance ON public.sync_calls USING btree (instance, ended);

CREATE INDEX sync_runs_by_stream ON public.sync_runs USING btree (stream, upper_bound);

CREATE INDEX sync_windows_by_run ON public.sync_windows USING btree (run);

CREATE INDEX sync_windows_unfinished ON public.sync_windows USING btree (stream, from_time) WHERE (state <> 'done'::text);

CREATE TRIGGER activities_gap AFTER DELETE ON public.activities FOR EACH ROW WHEN (((old.id IS NOT NULL) AND (old.guid IS NULL))) EXECUTE FUNCTION public.activities_gap();

ALTER TABLE ONLY public.river_client_queue
    ADD CONSTRAINT river_client_queue_river_client_id_fkey FOREIGN KEY (river_client_id) REFERENCES public.river_client(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sync_runs
    ADD CONSTRAINT sync_runs_stream_fkey FOREIGN KEY (stream) REFERENCES public.sync_streams(name);

ALTER TABLE ONLY public.sync_windows
    ADD CONSTRAINT sync_windows_run_fkey FOREIGN KEY (run) REFERENCES public.sync_runs(id);
