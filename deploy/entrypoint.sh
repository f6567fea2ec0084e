#!/bin/sh
# Run a process of the Procfile by its name, or else the command as it is given.
set -eu

# A container that is started again in the same place begins to count anew: what a dead process
# said to be in use would be in use for ever.
if [ -n "${PROMETHEUS_MULTIPROC_DIR:-}" ]; then
  mkdir -p "$PROMETHEUS_MULTIPROC_DIR"
  rm -f "$PROMETHEUS_MULTIPROC_DIR"/*.db
fi

if [ $# -eq 1 ]; then
  while IFS= read -r line; do
    case "$line" in
      # Every line begins with exec, so that signals reach the process and no shell.
      "$1: "*) exec sh -c "${line#*: }" ;;
    esac
  done <Procfile
fi
exec "$@"
