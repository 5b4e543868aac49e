-- Sessions of logged-in users, for PostgreSQL 13 and newer. It may be run twice.
-- All tables are new and empty, so their indexes need no CONCURRENTLY. The foreign keys lock the users table for a moment: if it is busy,
-- the migration gives up rather than making every request wait behind it.
SET LOCAL lock_timeout = '5s';

CREATE TABLE IF NOT EXISTS "sessions" (
    id text PRIMARY KEY,                        -- SHA-256 of the cookie's token in base64url: a copy of this table opens nothing
    user_id bigint NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    user_agent text NOT NULL DEFAULT '',        -- the login's; last_user_agent is the latest use's
    ip inet,                                    -- the login's; last_ip is the latest use's
    revoked_at timestamptz,
    expires_at timestamptz NOT NULL,            -- the longest it lives; kept with each session, so that a change of settings changes no past
    idle_seconds integer NOT NULL,              -- how long it lives without use; kept for the same reason
    auth_at timestamptz,                        -- when the user last proved who they are; NULL: must do so again
    auth_method text NOT NULL,                  -- by what: password, passkey, jwt (exchanged) …
    revoked_reason text,                        -- why it ended, for the user's list and the auditor
    revoked_by text,                            -- who ended it: a user's id, an administrator, system
    family_id text NOT NULL,                    -- the public handle; stays when the token is replaced
    last_ip inet,
    last_user_agent text NOT NULL DEFAULT ''
    -- room on each page, so that last_used_at is updated in place (HOT)
) WITH (fillfactor = 90);

-- No index on last_used_at: with one, no update of it could be done in place.
CREATE INDEX IF NOT EXISTS "sessions_user" ON "sessions" (user_id, created_at);

CREATE INDEX IF NOT EXISTS "sessions_expiry" ON "sessions" (expires_at);

CREATE INDEX IF NOT EXISTS "sessions_revoked" ON "sessions" (revoked_at) WHERE revoked_at IS NOT NULL;

-- Sessions that ended, for the audit; nothing refers to the users table, so that the answer outlives the user.
CREATE TABLE IF NOT EXISTS "session_history" (
    id text PRIMARY KEY,
    user_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    user_agent text NOT NULL,
    ip inet,
    revoked_at timestamptz,
    expires_at timestamptz NOT NULL,
    idle_seconds integer NOT NULL,
    auth_at timestamptz,
    auth_method text NOT NULL,
    revoked_reason text,
    revoked_by text,
    family_id text NOT NULL,
    last_ip inet,
    last_user_agent text NOT NULL
);

CREATE INDEX IF NOT EXISTS "session_history_user" ON "session_history" (user_id, created_at);

-- Whatever deletes a session (the clean-up, or the deletion of its user), it goes into the history.
CREATE OR REPLACE FUNCTION "session_goes_to_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "session_history" VALUES (
        OLD.id, OLD.user_id, OLD.created_at, OLD.last_used_at, OLD.user_agent, OLD.ip,
        CASE WHEN OLD.revoked_at IS NULL AND OLD.expires_at > now() THEN now() ELSE OLD.revoked_at END,
        OLD.expires_at, OLD.idle_seconds, OLD.auth_at, OLD.auth_method,
        COALESCE(OLD.revoked_reason, 'deleted'), COALESCE(OLD.revoked_by, 'system'),
        OLD.family_id, OLD.last_ip, OLD.last_user_agent
    ) ON CONFLICT (id) DO NOTHING;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS "session_goes_to_history" ON "sessions";

CREATE TRIGGER "session_goes_to_history" AFTER DELETE ON "sessions"
    FOR EACH ROW EXECUTE FUNCTION "session_goes_to_history"();

-- What happens to sessions, month by month: old months are dropped whole.
CREATE TABLE IF NOT EXISTS "session_events" (
    id bigserial,
    at timestamptz NOT NULL,
    kind text NOT NULL,                         -- created, rotated, reauthenticated, touched, revoked, expired, suspected, rejected
    session_id text NOT NULL,
    family_id text NOT NULL,
    user_id bigint NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL DEFAULT '',
    ip inet,
    user_agent text NOT NULL DEFAULT '',
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);

CREATE INDEX IF NOT EXISTS "session_events_session" ON "session_events" (session_id, at);

CREATE INDEX IF NOT EXISTS "session_events_user" ON "session_events" (user_id, at);

-- Events are never changed. In production let the application's role not even try:
--   REVOKE UPDATE, DELETE, TRUNCATE ON "session_events" FROM your_application;
CREATE OR REPLACE FUNCTION "session_events_are_kept"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'session_events is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

DROP TRIGGER IF EXISTS "session_events_are_kept" ON "session_events";

CREATE TRIGGER "session_events_are_kept" BEFORE UPDATE OR DELETE ON "session_events"
    FOR EACH ROW EXECUTE FUNCTION "session_events_are_kept"();

-- Partitions for this month and the next ones, and one for the rest; the clean-up calls it. None where the table was made without.
CREATE OR REPLACE FUNCTION "session_events_make_room"(ahead integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = '"session_events"'::regclass) THEN
        RETURN;
    END IF;
    CREATE TABLE IF NOT EXISTS "session_events_rest" PARTITION OF "session_events" DEFAULT;
    FOR step IN 0..ahead LOOP
        month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step)) AT TIME ZONE 'UTC';
        BEGIN
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS %I PARTITION OF "session_events" FOR VALUES FROM (%L) TO (%L)',
                'session_events_' || to_char(month AT TIME ZONE 'UTC', 'YYYYMM'),
                month, ((month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC');
        EXCEPTION WHEN check_violation THEN
            RAISE NOTICE 'events of % stay in session_events_rest', month;
        END;
    END LOOP;
END $$;

-- Drop the months that end before a time; returns how many.
CREATE OR REPLACE FUNCTION "session_events_forget"(before timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    part record;
    dropped integer := 0;
BEGIN
    FOR part IN
        SELECT c.oid::regclass AS name, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = '"session_events"'::regclass AND c.relname ~ '^session_events_[0-9]{6}$'
    LOOP
        IF to_date(right(part.relname, 6), 'YYYYMM') + interval '1 month' <= before AT TIME ZONE 'UTC' THEN
            EXECUTE format('DROP TABLE %s', part.name);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END $$;

SELECT "session_events_make_room"(3);

-- One row a user: locked at each login, so that logins and revokes of one user come one after the other.
CREATE TABLE IF NOT EXISTS "session_users" (
    user_id bigint PRIMARY KEY REFERENCES "users" ("id") ON DELETE CASCADE,
    tokens_valid_after timestamptz              -- older JWTs, and logins that began before, are refused
);

-- What else stands for a session, by its hash: JWTs, each exchanged once, and what is handed out in the place of JWTs.
CREATE TABLE IF NOT EXISTS "session_exchanges" (
    jwt_hash text PRIMARY KEY,
    family_id text NOT NULL,
    user_id bigint NOT NULL,
    at timestamptz NOT NULL,
    claims text                                 -- of the JWT that a stand-in stands for, as JSON; NULL: a JWT that was exchanged
);

CREATE INDEX IF NOT EXISTS "session_exchanges_at" ON "session_exchanges" (at);

CREATE INDEX IF NOT EXISTS "session_exchanges_family" ON "session_exchanges" (user_id, family_id);

-- Of which times these tables can tell.
CREATE TABLE IF NOT EXISTS "session_audit" (
    name text PRIMARY KEY,
    at timestamptz NOT NULL
);

INSERT INTO "session_audit" (name, at) VALUES ('recorded_since', now()) ON CONFLICT (name) DO NOTHING;
