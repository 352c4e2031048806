#!/bin/sh
# Tables, the account `admin` with a password that nobody knows, rights in the DataStore. Again: nothing to do.
# Needs what ckan.ini needs, and PGHOST, PGUSER, PGPASSWORD of PostgreSQL's superuser.
set -eu
cd -- "$(dirname -- "$0")"
done=$(mktemp)
trap 'rm -f "$done"' EXIT
python populate.py ckan.ini admin > "$done"
python -c 'import json, sys; print(json.load(sys.stdin)["permissions"])' < "$done" | psql -X -q -v ON_ERROR_STOP=1 -d postgres
