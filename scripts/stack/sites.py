"""The CKAN sites of a stack: configuration, tables, administrator, token, server."""

from __future__ import annotations

import json
import secrets
from functools import partial

from environment import say

from stack import services, solr
from stack.layout import HERE, SITES, Stack, replace
from stack.packages import python_stamp
from stack.processes import Part, run_logged

INSIDE = HERE / "inside"
ADMINISTRATOR = "admin"

ADVISED = {
    "ckan.locale_default": "zh_Hans_CN",
    "ckan.locales_offered": "zh_Hans_CN en",
    "ckan.datastore.default_fts_index_method": "gin",
}
"""What docs/ckan-plugin.md advises for a site with the plugin."""
SCHEMING = {
    "scheming.dataset_schemas": "ckanext.dcat.schemas:dcat_ap_recommended.yaml",
    "scheming.presets": "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml",
}
"""A form for sites that have scheming and no plugin that brings one, as ours does: without one, ckanext-dcat's catalog answers 500."""

LOGGING = """
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)s [%(name)s] %(message)s
"""


def site(stack: Stack, name: str) -> Part:
    """The server of a site; it is started afresh when the configuration or CKAN's environment has changed."""
    folder = stack.folder / name
    options = [
        "--bind",
        f"127.0.0.1:{stack.port(name)}",
        "--workers",
        str(stack.settings.workers),
        "--threads",
        str(stack.settings.threads),
    ]
    options += ["--timeout", "300", "--graceful-timeout", "5", "--worker-tmp-dir", "/dev/shm"]
    ini = folder / "ckan.ini"
    return Part(
        name=name,
        folder=folder,
        program="python",
        command=(str(stack.python), "-m", "gunicorn", *options, "wsgi:application"),
        ready=partial(_answers, stack.port(name)),
        depends=ini.read_text(encoding="utf-8") + python_stamp(stack),
        environment={"STACK_INI": str(ini), "PYTHONPATH": str(INSIDE), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )


def configure(stack: Stack, name: str) -> None:
    """Write a site's configuration file, its own options last."""
    folder = stack.folder / name
    (folder / "storage").mkdir(parents=True, exist_ok=True)
    key = folder / "key"
    if not key.exists():
        replace(key, secrets.token_urlsafe(32), mode=0o600)
    plugins = stack.settings.plugins[name]
    chosen = {
        "use": "egg:ckan",
        "SECRET_KEY": key.read_text(encoding="utf-8"),
        "ckan.site_url": address(stack, name),
        "ckan.site_id": name,
        "ckan.site_title": name,
        "ckan.plugins": plugins,
        "ckan.storage_path": str(folder / "storage"),
        "sqlalchemy.url": stack.database(name),
        "ckan.datastore.write_url": stack.database(name, datastore=True),
        "ckan.datastore.read_url": stack.database(name, services.READER, datastore=True),
        "ckan.redis.url": f"redis://127.0.0.1:{stack.port('redis')}/{SITES.index(name)}",
        "solr_url": f"http://127.0.0.1:{stack.port('solr')}/solr/{name}",
    }
    if "govdata" in plugins.split():
        chosen |= ADVISED
    if "scheming_datasets" in plugins.split() and "govdata" not in plugins.split():
        chosen |= SCHEMING
    chosen |= stack.settings.options.get(name, {})
    lines = [f"{option} = {value.replace('%', '%%')}" for option, value in chosen.items()]
    replace(folder / "ckan.ini", "\n".join(["[DEFAULT]", "debug = false", "[app:main]", *lines, LOGGING]), mode=0o600)


def populate(stack: Stack, name: str) -> None:
    """Tables, rights, administrator and token, unless they were made for these plugins already. Needs PostgreSQL and Redis."""
    folder = stack.folder / name
    stamp = folder / "populated.stamp"
    wanted = python_stamp(stack) + stack.settings.plugins[name]
    token = stack.token(name)
    if token.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say(f"{name}：建表、管理员、令牌… / {name}: tables, administrator, token …")
    asked = [] if token.exists() else ["--token"]
    command = [str(stack.python), str(INSIDE / "populate.py"), str(folder / "ckan.ini"), ADMINISTRATOR, *asked]
    done = json.loads(run_logged(stack, f"populate-{name}", command))
    if done["permissions"]:
        run_logged(stack, f"permissions-{name}", services.psql(stack, "postgres"), text=done["permissions"])
    if done["token"]:
        replace(token, done["token"], mode=0o600)
    replace(stamp, wanted)


def reindex(stack: Stack, name: str, *, forced: bool) -> None:
    """Index every dataset anew where the schema has changed since, or always where it is forced. Needs the services."""
    stamp = stack.folder / name / "indexed.stamp"
    wanted = solr.schema_digest(stack, name)
    if not forced and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if services.query(stack, name, "select 1 from package limit 1"):
        say(f"{name}：重建索引… / {name}: indexing anew …")
        run_logged(stack, f"reindex-{name}", command_line(stack, name, "search-index", "rebuild"))
    replace(stamp, wanted)


def command_line(stack: Stack, name: str, *arguments: str) -> list[str]:
    """A call of CKAN's own command line."""
    program = "from ckan.cli.cli import ckan; ckan(prog_name='ckan')"  # its script would not start from a path with spaces in it
    return [str(stack.python), "-c", program, "-c", str(stack.folder / name / "ckan.ini"), *arguments]


def address(stack: Stack, name: str) -> str:
    """Where a site is."""
    return f"http://127.0.0.1:{stack.port(name)}"


def variables(stack: Stack, name: str) -> dict[str, str]:
    """What a test needs to know of a site, as environment variables."""
    return {
        "GOVDATA_CKAN_URL": address(stack, name),
        "GOVDATA_CKAN_TOKEN": stack.token(name).read_text(encoding="utf-8"),
        "GOVDATA_CKAN_WRITE_URL": stack.database(name, datastore=True),
    }


def _answers(port: int) -> bool:
    return '"success": true' in solr.fetched(f"http://127.0.0.1:{port}/api/3/action/status_show", 20)
