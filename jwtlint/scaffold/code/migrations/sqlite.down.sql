-- Takes away all that sqlite.up.sql made; everybody is logged out, and the audit's answers are gone.
DROP TRIGGER IF EXISTS "session_users_are_gone";

DROP TABLE IF EXISTS "session_audit";

DROP TABLE IF EXISTS "session_exchanges";

DROP TABLE IF EXISTS "session_users";

DROP TABLE IF EXISTS "session_events";

DROP TABLE IF EXISTS "sessions";

DROP TABLE IF EXISTS "session_history";
