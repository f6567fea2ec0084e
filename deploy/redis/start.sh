#!/bin/sh
# Start Redis with the users of ops/redis/*.acl: start.sh FILE OPTIONS...
# Passwords come from the environment, and nothing but their digests is written, into memory.
set -eu

digest() {
  printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

template=$1
shift
umask 077
users=${USERS_FILE:-/tmp/users.acl}
sed \
  -e "s/\${ORA_ADMIN_SHA256}/$(digest "$REDIS_ADMIN_PASSWORD")/" \
  -e "s/\${ORA_STOCK_SHA256}/$(digest "${STOCK_REDIS_PASSWORD:-}")/" \
  -e "s/\${ORA_QUEUE_SHA256}/$(digest "${QUEUE_REDIS_PASSWORD:-}")/" \
  "$template" >"$users"
exec redis-server --aclfile "$users" "$@"
