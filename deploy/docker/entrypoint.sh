#!/bin/sh
# Puts the password of Dagster's database, which Docker keeps in a file, into the URL Dagster wants. Elsewhere it only passes on.
set -eu
umask 0077
if [ -r /run/secrets/dagster_pg_password ]; then
    password=$(cat /run/secrets/dagster_pg_password)
    case $password in
        '' | *[!A-Za-z0-9._~-]*)
            echo "The secret dagster_pg_password becomes part of a URL: only letters, digits and . _ ~ - can be in it." >&2
            exit 1
            ;;
    esac
    export DAGSTER_PG_URL="postgresql+psycopg2://dagster:$password@postgres:5432/dagster"
fi
exec "$@"
