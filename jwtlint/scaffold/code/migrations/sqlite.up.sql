-- Sessions of logged-in users, for SQLite 3.35 and newer. It may be run twice. Times are texts in UTC, addresses are texts.
CREATE TABLE IF NOT EXISTS "sessions" (
    id text NOT NULL PRIMARY KEY,               -- SHA-256 of the cookie's token in base64url: a copy of this table opens nothing
    user_id bigint NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    created_at datetime NOT NULL,
    last_used_at datetime NOT NULL,
    user_agent text NOT NULL DEFAULT '',        -- the login's; last_user_agent is the latest use's
    ip text,                                    -- the login's; last_ip is the latest use's
    revoked_at datetime,
    expires_at datetime NOT NULL,               -- the longest it lives; kept with each session, so that a change of settings changes no past
    idle_seconds integer NOT NULL,              -- how long it lives without use; kept for the same reason
    auth_at datetime,                           -- when the user last proved who they are; NULL: must do so again
    auth_method text NOT NULL,                  -- by what: password, passkey, jwt (exchanged) …
    revoked_reason text,                        -- why it ended, for the user's list and the auditor
    revoked_by text,                            -- who ended it: a user's id, an administrator, system
    family_id text NOT NULL,                    -- the public handle; stays when the token is replaced
    last_ip text,
    last_user_agent text NOT NULL DEFAULT ''
);

CREATE INDEX IF NOT EXISTS "sessions_user" ON "sessions" (user_id, created_at);

CREATE INDEX IF NOT EXISTS "sessions_expiry" ON "sessions" (expires_at);

CREATE INDEX IF NOT EXISTS "sessions_revoked" ON "sessions" (revoked_at) WHERE revoked_at IS NOT NULL;

-- Sessions that ended, for the audit; nothing refers to the users table, so that the answer outlives the user.
CREATE TABLE IF NOT EXISTS "session_history" (
    id text NOT NULL PRIMARY KEY,
    user_id bigint NOT NULL,
    created_at datetime NOT NULL,
    last_used_at datetime NOT NULL,
    user_agent text NOT NULL,
    ip text,
    revoked_at datetime,
    expires_at datetime NOT NULL,
    idle_seconds integer NOT NULL,
    auth_at datetime,
    auth_method text NOT NULL,
    revoked_reason text,
    revoked_by text,
    family_id text NOT NULL,
    last_ip text,
    last_user_agent text NOT NULL
);

CREATE INDEX IF NOT EXISTS "session_history_user" ON "session_history" (user_id, created_at);

-- Whatever deletes a session (the clean-up, or the deletion of its user), it goes into the history.
CREATE TRIGGER IF NOT EXISTS "session_goes_to_history" AFTER DELETE ON "sessions"
BEGIN
    INSERT OR IGNORE INTO "session_history" VALUES (
        OLD.id, OLD.user_id, OLD.created_at, OLD.last_used_at, OLD.user_agent, OLD.ip,
        CASE WHEN OLD.revoked_at IS NULL AND OLD.expires_at > strftime('%Y-%m-%d %H:%M:%f', 'now')
             THEN strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' ELSE OLD.revoked_at END,
        OLD.expires_at, OLD.idle_seconds, OLD.auth_at, OLD.auth_method,
        COALESCE(OLD.revoked_reason, 'deleted'), COALESCE(OLD.revoked_by, 'system'),
        OLD.family_id, OLD.last_ip, OLD.last_user_agent
    );
END;

-- What happens to sessions.
CREATE TABLE IF NOT EXISTS "session_events" (
    id integer PRIMARY KEY AUTOINCREMENT,
    at datetime NOT NULL,
    kind text NOT NULL,                         -- created, rotated, reauthenticated, touched, revoked, expired, suspected, rejected
    session_id text NOT NULL,
    family_id text NOT NULL,
    user_id bigint NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL DEFAULT '',
    ip text,
    user_agent text NOT NULL DEFAULT ''
);

CREATE INDEX IF NOT EXISTS "session_events_session" ON "session_events" (session_id, at);

CREATE INDEX IF NOT EXISTS "session_events_user" ON "session_events" (user_id, at);

-- Events are never changed.
CREATE TRIGGER IF NOT EXISTS "session_events_are_not_changed" BEFORE UPDATE ON "session_events"
BEGIN
    SELECT RAISE(ABORT, 'session_events is append-only');
END;

CREATE TRIGGER IF NOT EXISTS "session_events_are_not_deleted" BEFORE DELETE ON "session_events"
BEGIN
    SELECT RAISE(ABORT, 'session_events is append-only');
END;

-- One row a user: written at each login, so that logins and revokes of one user come one after the other.
CREATE TABLE IF NOT EXISTS "session_users" (
    user_id bigint NOT NULL PRIMARY KEY REFERENCES "users" ("id") ON DELETE CASCADE,
    tokens_valid_after datetime                 -- older JWTs, and logins that began before, are refused
);

-- What else stands for a session, by its hash: JWTs, each exchanged once, and what is handed out in the place of JWTs.
CREATE TABLE IF NOT EXISTS "session_exchanges" (
    jwt_hash text NOT NULL PRIMARY KEY,
    family_id text NOT NULL,
    user_id bigint NOT NULL,
    at datetime NOT NULL,
    claims text                                 -- of the JWT that a stand-in stands for, as JSON; NULL: a JWT that was exchanged
);

CREATE INDEX IF NOT EXISTS "session_exchanges_at" ON "session_exchanges" (at);

CREATE INDEX IF NOT EXISTS "session_exchanges_family" ON "session_exchanges" (user_id, family_id);

-- SQLite enforces foreign keys only where each connection asks for it, and gives the number of a row that is gone to the next one: a new user
-- must not get the sessions of an old one.
CREATE TRIGGER IF NOT EXISTS "session_users_are_gone" AFTER DELETE ON "users"
BEGIN
    DELETE FROM "sessions" WHERE user_id = OLD."id";
    DELETE FROM "session_users" WHERE user_id = OLD."id";
END;

-- Of which times these tables can tell.
CREATE TABLE IF NOT EXISTS "session_audit" (
    name text NOT NULL PRIMARY KEY,
    at datetime NOT NULL
);

INSERT OR IGNORE INTO "session_audit" (name, at) VALUES ('recorded_since', strftime('%Y-%m-%d %H:%M:%f', 'now') || '000');
