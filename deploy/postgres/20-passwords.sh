#!/bin/sh
# Give the roles of ops/postgres/roles.sql their passwords; the image runs it once, on new data.
# Over the container's own socket, and in no argument that a list of processes shows.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv owner POSTGRES_OWNER_PASSWORD
\getenv app POSTGRES_APP_PASSWORD
\getenv reader POSTGRES_READ_PASSWORD
ALTER ROLE ora_owner PASSWORD :'owner';
ALTER ROLE ora_app PASSWORD :'app';
ALTER ROLE ora_read PASSWORD :'reader';
SQL
