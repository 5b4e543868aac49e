"""Every statement that the sessions send to the database, once, in PostgreSQL's words.

Values are given by name (``:id``) and never put into the text. ``database.py`` turns
the text into the driver's form, and into SQLite's where the database is SQLite.
"""

from __future__ import annotations

COLUMNS = (
    "id",
    "user_id",
    "created_at",
    "last_used_at",
    "user_agent",
    "ip",
    "revoked_at",
    "expires_at",
    "idle_seconds",
    "auth_at",
    "auth_method",
    "revoked_reason",
    "revoked_by",
    "family_id",
    "last_ip",
    "last_user_agent",
)

# one read by primary key; the join leaves out sessions of users that are gone
LOOK_UP = """
SELECT s.id, s.user_id, s.created_at, s.last_used_at, s.user_agent, s.ip,
       s.revoked_at, s.expires_at, s.idle_seconds, s.auth_at, s.auth_method,
       s.revoked_reason, s.revoked_by, s.family_id, s.last_ip, s.last_user_agent
FROM "sessions" AS s JOIN "users" AS u ON u."id" = s.user_id
WHERE s.id = :id
"""

# the same with the whole row of the user, for applications without an ORM; the
# session's columns are told by the "s." in their names
LOOK_UP_WITH_USER = """
SELECT s.id AS "s.id", s.user_id AS "s.user_id", s.created_at AS "s.created_at",
       s.last_used_at AS "s.last_used_at", s.user_agent AS "s.user_agent",
       s.ip AS "s.ip", s.revoked_at AS "s.revoked_at", s.expires_at AS "s.expires_at",
       s.idle_seconds AS "s.idle_seconds", s.auth_at AS "s.auth_at",
       s.auth_method AS "s.auth_method", s.revoked_reason AS "s.revoked_reason",
       s.revoked_by AS "s.revoked_by", s.family_id AS "s.family_id",
       s.last_ip AS "s.last_ip", s.last_user_agent AS "s.last_user_agent", u.*
FROM "sessions" AS s JOIN "users" AS u ON u."id" = s.user_id
WHERE s.id = :id
"""

USER = """
SELECT u.* FROM "users" AS u WHERE u."id" = :user_id
"""

LOOK_UP_FAMILY = """
SELECT s.id, s.user_id, s.created_at, s.last_used_at, s.user_agent, s.ip,
       s.revoked_at, s.expires_at, s.idle_seconds, s.auth_at, s.auth_method,
       s.revoked_reason, s.revoked_by, s.family_id, s.last_ip, s.last_user_agent
FROM "sessions" AS s JOIN "users" AS u ON u."id" = s.user_id
WHERE s.user_id = :user_id AND s.family_id = :family_id AND s.revoked_at IS NULL
"""

# the row again, locked until the transaction ends, so that two requests do not both
# replace or end it
LOCK = """
SELECT id, user_id, created_at, last_used_at, user_agent, ip, revoked_at,
       expires_at, idle_seconds, auth_at, auth_method, revoked_reason, revoked_by,
       family_id, last_ip, last_user_agent
FROM "sessions" WHERE id = :id FOR UPDATE
"""

INSERT = """
INSERT INTO "sessions" (
    id, user_id, created_at, last_used_at, user_agent, ip, expires_at, idle_seconds,
    auth_at, auth_method, family_id, last_ip, last_user_agent)
VALUES (
    :id, :user_id, :created_at, :last_used_at, :user_agent, CAST(:ip AS inet),
    :expires_at, :idle_seconds, :auth_at, :auth_method, :family_id,
    CAST(:last_ip AS inet), :last_user_agent)
"""

# never an upsert: a session that was ended meanwhile stays ended, and no row changes
TOUCH = """
UPDATE "sessions"
SET last_used_at = :now, last_ip = CAST(:last_ip AS inet),
    last_user_agent = :last_user_agent
WHERE id = :id AND revoked_at IS NULL AND expires_at > :now AND last_used_at <= :before
"""

REVOKE = """
UPDATE "sessions"
SET revoked_at = :now, revoked_reason = :reason, revoked_by = :revoked_by
WHERE id = :id AND revoked_at IS NULL
"""

REVOKE_FAMILY = """
UPDATE "sessions"
SET revoked_at = :now, revoked_reason = :reason, revoked_by = :revoked_by
WHERE family_id = :family_id AND user_id = :user_id AND revoked_at IS NULL
RETURNING id, family_id
"""

HAS_FAMILY = """
SELECT id FROM "sessions" WHERE user_id = :user_id AND family_id = :family_id LIMIT 1
"""

REVOKE_USER = """
UPDATE "sessions"
SET revoked_at = :now, revoked_reason = :reason, revoked_by = :revoked_by
WHERE user_id = :user_id AND family_id <> :keep AND revoked_at IS NULL
RETURNING id, family_id
"""

REVOKE_EVERYONE = """
UPDATE "sessions"
SET revoked_at = :now, revoked_reason = :reason, revoked_by = :revoked_by
WHERE revoked_at IS NULL
RETURNING id, family_id, user_id
"""

ASK_AGAIN = """
UPDATE "sessions" SET auth_at = NULL WHERE id = :id AND revoked_at IS NULL
"""

OF_USER = """
SELECT id, user_id, created_at, last_used_at, user_agent, ip, revoked_at,
       expires_at, idle_seconds, auth_at, auth_method, revoked_reason, revoked_by,
       family_id, last_ip, last_user_agent
FROM "sessions" WHERE user_id = :user_id AND revoked_at IS NULL AND expires_at > :now
ORDER BY created_at
"""

# taken at each login, so that logins of one user wait for each other, and for a revoke
# of all that is under way
LOCK_USER = """
INSERT INTO "session_users" (user_id) VALUES (:user_id)
ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id
RETURNING tokens_valid_after, (
    SELECT a.at FROM "session_audit" AS a WHERE a.name = 'tokens_valid_after'
) AS everyone_valid_after
"""

# the same for a user who has sessions. A revoke does not see the row that another
# transaction is about to put in the place of the one it ends; so whoever replaces or
# ends sessions takes this lock first
LOCK_KNOWN_USER = """
SELECT user_id FROM "session_users" WHERE user_id = :user_id FOR UPDATE
"""

# the same for all users at once; who reads does not wait
LOCK_ALL_USERS = """
LOCK TABLE "session_users" IN EXCLUSIVE MODE
"""

END_TOKENS_OF_USER = """
INSERT INTO "session_users" (user_id, tokens_valid_after) VALUES (:user_id, :now)
ON CONFLICT (user_id) DO UPDATE SET tokens_valid_after = excluded.tokens_valid_after
"""

TOKENS_VALID_AFTER = """
SELECT tokens_valid_after FROM "session_users" WHERE user_id = :user_id
"""

RECORD = """
INSERT INTO "session_events" (
    at, kind, session_id, family_id, user_id, actor, reason, ip, user_agent)
VALUES (
    :at, :kind, :id, :family_id, :user_id, :actor, :reason, CAST(:ip AS inet),
    :user_agent)
"""

RECENT_PLACES = """
SELECT at, ip FROM "session_events"
WHERE session_id = :id AND kind IN ('created', 'touched') AND at > :since
ORDER BY at
"""

RECENT_EVENT = """
SELECT at FROM "session_events"
WHERE session_id = :id AND kind = :kind AND at > :since LIMIT 1
"""

EVENTS_OF_USER = """
SELECT at, kind, session_id, family_id, actor, reason, ip, user_agent
FROM "session_events"
WHERE user_id = :user_id AND at >= :since AND at < :until
ORDER BY at
"""

# what the audit reads: rows in use, and rows that were put away
SESSIONS_OF = """
SELECT id, user_id, created_at, last_used_at, user_agent, ip, revoked_at,
       expires_at, idle_seconds, auth_at, auth_method, revoked_reason, revoked_by,
       family_id, last_ip, last_user_agent
FROM "sessions" WHERE user_id = :user_id
UNION ALL
SELECT id, user_id, created_at, last_used_at, user_agent, ip, revoked_at,
       expires_at, idle_seconds, auth_at, auth_method, revoked_reason, revoked_by,
       family_id, last_ip, last_user_agent
FROM "session_history" WHERE user_id = :user_id
"""

AUDIT_MARKS = """
SELECT name, at FROM "session_audit"
"""

MARK_AUDIT = """
INSERT INTO "session_audit" (name, at) VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE "session_audit".at < excluded.at
"""

# rows that ended some time ago; the trigger on the table puts them into session_history
ENDED = """
SELECT id, user_id, created_at, last_used_at, user_agent, ip, revoked_at,
       expires_at, idle_seconds, auth_at, auth_method, revoked_reason, revoked_by,
       family_id, last_ip, last_user_agent
FROM "sessions" WHERE expires_at < :before OR revoked_at < :before
LIMIT :batch FOR UPDATE SKIP LOCKED
"""

EXPIRE = """
UPDATE "sessions"
SET revoked_at = :ended, revoked_reason = 'expired', revoked_by = 'system'
WHERE id = :id AND revoked_at IS NULL
"""

PUT_AWAY = """
DELETE FROM "sessions" WHERE id = :id
"""

MAKE_ROOM = """
SELECT "session_events_make_room"(3)
"""

FORGET_EVENTS = """
SELECT "session_events_forget"(:before)
"""

FORGET_HISTORY = """
DELETE FROM "session_history" WHERE id IN (
    SELECT id FROM "session_history"
    WHERE expires_at < :before OR revoked_at < :before
    LIMIT :batch FOR UPDATE SKIP LOCKED)
"""

FORGET_EXCHANGES = """
DELETE FROM "session_exchanges" WHERE at < :before
"""

USER_EXISTS = """
SELECT u."id" FROM "users" AS u WHERE u."id" = :user_id
"""

# "?" is the name of a column, which the generated code gives
USER_BY = """
SELECT u."id" FROM "users" AS u WHERE u."?" = :value
"""

EXCHANGE = """
INSERT INTO "session_exchanges" (jwt_hash, family_id, user_id, at)
VALUES (:jwt_hash, :family_id, :user_id, :now)
ON CONFLICT (jwt_hash) DO NOTHING
"""

EXCHANGED = """
SELECT family_id, user_id FROM "session_exchanges" WHERE jwt_hash = :jwt_hash
"""

# stand-ins have claims, and are no JWTs
JWT_USE = """
SELECT count(*) AS exchanged, max(at) AS latest
FROM "session_exchanges" WHERE at >= :since AND claims IS NULL
"""

STAND_IN = """
INSERT INTO "session_exchanges" (jwt_hash, family_id, user_id, at, claims)
VALUES (:jwt_hash, :family_id, :user_id, :now, :claims)
"""

# the session that a stand-in stands for, and the claims
LOOK_UP_STAND_IN = """
SELECT s.id, s.user_id, s.created_at, s.last_used_at, s.user_agent, s.ip,
       s.revoked_at, s.expires_at, s.idle_seconds, s.auth_at, s.auth_method,
       s.revoked_reason, s.revoked_by, s.family_id, s.last_ip, s.last_user_agent,
       x.claims
FROM "session_exchanges" AS x
JOIN "sessions" AS s ON s.user_id = x.user_id AND s.family_id = x.family_id
JOIN "users" AS u ON u."id" = s.user_id
WHERE x.jwt_hash = :jwt_hash AND x.claims IS NOT NULL AND s.revoked_at IS NULL
"""

# the claims of a stand-in, whether or not its session lives
CLAIMS_OF = """
SELECT claims FROM "session_exchanges"
WHERE jwt_hash = :jwt_hash AND claims IS NOT NULL
"""

STAND_INS_OF = """
SELECT jwt_hash, claims FROM "session_exchanges"
WHERE user_id = :user_id AND family_id = :family_id AND claims IS NOT NULL
ORDER BY at
"""

STAND_INS_OF_USER = """
SELECT family_id, user_id, claims FROM "session_exchanges"
WHERE user_id = :user_id AND claims IS NOT NULL
"""

FORGET_STAND_IN = """
DELETE FROM "session_exchanges" WHERE jwt_hash = :jwt_hash
"""
