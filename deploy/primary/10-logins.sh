#!/bin/bash
# Runs once, in the primary's image, when its data directory is new: Muster's role, and its way in for the WAL.
set -eu
: "${MUSTER_PRIMARY_PASSWORD:?the password that the role muster gets}"
# By standard input: a password on a command line is seen by whoever lists processes.
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<SQL
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
\\getenv secret MUSTER_PRIMARY_PASSWORD
CREATE ROLE muster LOGIN REPLICATION CONNECTION LIMIT 16 PASSWORD :'secret';
SQL
echo 'host replication muster samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
