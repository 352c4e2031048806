#!/bin/sh
# Roles and databases, when PostgreSQL starts for the first time. Passwords are read from the environment, not from a command line.
set -eu
psql -X -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d postgres <<'SQL'
\getenv ckan_password CKAN_DB_PASSWORD
\getenv reader_password CKAN_READER_PASSWORD
CREATE ROLE ckan LOGIN PASSWORD :'ckan_password';
CREATE ROLE datastore_reader LOGIN PASSWORD :'reader_password';
CREATE DATABASE ckan OWNER ckan ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE datastore OWNER ckan ENCODING 'UTF8' TEMPLATE template0;
SQL
