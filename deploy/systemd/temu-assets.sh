#!/bin/sh
# /usr/local/sbin/temu-assets: the command line as the services' user, where the services' settings are. Example: sudo temu-assets doctor
# `sudo temu-assets dagster ...` runs Dagster's own commands in the same way.
set -eu
cd /var/lib/temu-assets
if [ -r /etc/temu-assets/dagster.env ]; then
    set -a
    . /etc/temu-assets/dagster.env
    set +a
fi
export DAGSTER_HOME=/var/lib/temu-assets/dagster
program=temu-assets
if [ "${1:-}" = dagster ]; then
    program=dagster
    shift
fi
umask 0077
exec runuser -u temu-assets -- "/opt/temu-assets/current/bin/$program" "$@"
