#!/bin/sh
# Runs once, on the first primary, with the URL of the new cluster: makes the database and its owner.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set password="$SCRIP_DATABASE_PASSWORD" "$1" <<'SQL'
CREATE ROLE scrip LOGIN PASSWORD :'password';
CREATE DATABASE scrip OWNER scrip;
REVOKE ALL ON DATABASE scrip FROM PUBLIC;
SQL
