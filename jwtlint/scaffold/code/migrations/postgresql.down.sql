-- Takes away all that postgresql.up.sql made; everybody is logged out, and the audit's answers are gone.
SET LOCAL lock_timeout = '5s';

DROP TABLE IF EXISTS "session_audit";

DROP TABLE IF EXISTS "session_exchanges";

DROP TABLE IF EXISTS "session_users";

DROP TABLE IF EXISTS "session_events";

DROP TABLE IF EXISTS "sessions";

DROP TABLE IF EXISTS "session_history";

DROP FUNCTION IF EXISTS "session_events_forget"(timestamptz);

DROP FUNCTION IF EXISTS "session_events_make_room"(integer);

DROP FUNCTION IF EXISTS "session_events_are_kept"();

DROP FUNCTION IF EXISTS "session_goes_to_history"();
