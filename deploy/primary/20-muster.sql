-- Runs once, in the protected database, when the primary's data directory is new: what the role muster may do there.
-- Each statement ends with an empty line, so that "postgres --single -j" reads the file too.
GRANT pg_monitor TO muster;

GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_switch_wal(), pg_create_restore_point(text) TO muster;

CREATE EXTENSION amcheck;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO muster;

GRANT USAGE ON SCHEMA public TO muster;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO muster;

CREATE SCHEMA muster AUTHORIZATION muster;

CREATE TABLE muster.canary (slot smallint PRIMARY KEY, id bigint NOT NULL, written_at timestamptz NOT NULL) WITH (fillfactor = 50);

ALTER TABLE muster.canary OWNER TO muster;

CREATE TABLE payments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, method text NOT NULL, amount_cents bigint NOT NULL CHECK (amount_cents > 0), paid_at timestamptz NOT NULL DEFAULT now());

INSERT INTO payments (method, amount_cents) SELECT (ARRAY['card', 'transfer', 'cash'])[1 + n % 3], 100 + n % 9000 FROM generate_series(1, 100000) AS n;

