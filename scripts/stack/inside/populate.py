"""Makes the tables and the administrator of a site, once CKAN is configured. Runs in CKAN's own environment.

    populate.py INI NAME [--token]

Prints JSON: `permissions`, the SQL that a superuser must run for the DataStore (null without DataStore), and `token`, a new API
token of the administrator (null unless asked for). What is there already stays.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
from typing import Any

from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.cli.db import upgrade
from ckan.config.middleware import make_app
from ckan.plugins import plugin_loaded, toolkit


def administrator(name: str) -> None:
    """A sysadmin of this name, with a password that nobody knows."""
    user = model.User.by_name(name)
    if user is None:
        account = {"name": name, "email": f"{name}@localhost.invalid", "password": secrets.token_urlsafe(24)}
        toolkit.get_action("user_create")({"ignore_auth": True, "user": ""}, account)
        user = model.User.by_name(name)
    user.sysadmin = True
    model.Session.commit()


def token(name: str) -> str:
    """A new API token of a user."""
    wanted = {"user": name, "name": f"stack {secrets.token_hex(4)}"}
    return str(toolkit.get_action("api_token_create")({"ignore_auth": True, "user": name}, wanted)["token"])


def permissions() -> str | None:
    """The SQL that grants and takes rights in the DataStore's database; psql must run it."""
    if not plugin_loaded("datastore"):
        return None
    from ckan.model import parse_db_config
    from ckanext.datastore.cli import permissions_sql

    main, write, read = (parse_db_config(key) for key in ("sqlalchemy.url", "ckan.datastore.write_url", "ckan.datastore.read_url"))
    return str(permissions_sql(main["db_name"], write["db_name"], main["db_user"], write["db_user"], read["db_user"]))


def main(ini: str, name: str, *options: str) -> None:
    """Do it all in one process: CKAN takes seconds to load."""
    done: dict[str, Any] = {}
    with contextlib.redirect_stdout(sys.stderr):
        app = make_app(CKANConfigLoader(ini).get_config())
        upgrade.main([], standalone_mode=False)
        with app._wsgi_app.test_request_context():
            administrator(name)
            done["token"] = token(name) if "--token" in options else None
        done["permissions"] = permissions()
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
