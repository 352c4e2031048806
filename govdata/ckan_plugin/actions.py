"""The actions that the publisher calls: what the site can do, what the database holds of a directory, the switch of a table."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import psycopg2
from ckan import model, plugins
from ckan.lib.dictization import model_dictize
from ckan.plugins import toolkit

import govdata
from govdata import content
from govdata.ckan_plugin.copying import govdata_datastore_copy
from govdata.ckan_plugin.pages import govdata_text
from govdata.ckan_plugin.repeated import gather
from govdata.ckanfields import dataset_fields

SCRIPT = "catalog/ckan/switch.sql"
PAGE = 1000
"""Datasets in one answer, at most."""
LOCK_MS, TRIES = 1000, 30
"""How long readers are waited for at once, and how often."""
_REFUSED = "GD"
"""The class of the script's own SQLSTATEs."""


@toolkit.side_effect_free
def govdata_capabilities(context: Any, data_dict: Mapping[str, Any]) -> dict[str, Any]:
    """What govdata can do on this site: version, `limits` in MiB, truth values for `form`, `state`, `switch`, `search`, `dcat`."""
    toolkit.check_access("govdata_capabilities", context, dict(data_dict))
    switch = plugins.plugin_loaded("datastore") and (content.root() / SCRIPT).is_file()
    return {
        "version": govdata.__version__,
        "form": _has_form(),
        "state": True,
        "switch": switch,
        "datastore_switch": switch,
        "datastore_copy": switch,
        "search": bool(toolkit.config.get("ckanext.govdata.chinese_search")),
        "validate": bool(toolkit.config.get("ckanext.govdata.validate")),
        "dcat": plugins.plugin_loaded("dcat"),
        "limits": {"upload": toolkit.config.get("ckan.max_resource_size")},
    }


def _has_form() -> bool:
    if not plugins.plugin_loaded("scheming_datasets"):
        return False
    schema = toolkit.get_action("scheming_dataset_schema_show")({"ignore_auth": True}, {"type": "dataset"})
    return any(field["field_name"] == "govdata_directory" for field in schema["dataset_fields"])


@toolkit.side_effect_free
def govdata_state(context: Any, data_dict: Mapping[str, Any]) -> dict[str, Any]:
    """What the database (not the index) holds of a directory, deleted and private datasets included, in pages.

    `directory`: its id; `after`: the last id of the page before; `limit` (at most 1,000). Gives `results`, datasets as `package_show`
    gives them, ordered by id, without groups and relationships; and `more`, whether others come after them. A page goes on where
    the one before ended, so what is changed meanwhile hides nothing, and no page costs more than the first. Who is no administrator
    sees public datasets and those of the organisations for which they may edit.
    """
    toolkit.check_access("govdata_state", context, dict(data_dict))
    directory, after = data_dict.get("directory"), data_dict.get("after", "")
    try:
        limit = int(data_dict.get("limit", PAGE))
    except (TypeError, ValueError):
        limit = 0
    if not isinstance(directory, str) or not directory or not isinstance(after, str) or not 0 < limit <= PAGE:
        raise toolkit.ValidationError({"directory": [govdata_text("directory-missing")]})
    query = model.Session.query(model.Package).filter(model.Package.extras["govdata_directory"].astext == directory)
    query = _visible(query.filter(model.Package.id > after), context)
    packages = query.order_by(model.Package.id).limit(limit + 1).all()
    return {"more": len(packages) > limit, "results": _dictized(packages[:limit], context)}


def _visible(query: Any, context: Any) -> Any:
    user = model.User.get(context.get("user"))
    if context.get("ignore_auth") or (user is not None and user.sysadmin):
        return query
    organisations = toolkit.get_action("organization_list_for_user")({"user": context.get("user")}, {"permission": "update_dataset"})
    public = (model.Package.private.is_(False)) & (model.Package.state == "active")
    return query.filter(public | model.Package.owner_org.in_([one["id"] for one in organisations]))


def _dictized(packages: list[Any], context: Any) -> list[dict[str, Any]]:
    """Datasets with their resources, tags and organisations: three queries, however many there are."""
    ids = [package.id for package in packages]
    resources = model.Session.query(model.Resource).filter(model.Resource.package_id.in_(ids), model.Resource.state == "active")
    tags = (
        model.Session.query(model.PackageTag.package_id, model.Tag.name)
        .join(model.Tag, model.PackageTag.tag_id == model.Tag.id)
        .filter(model.PackageTag.package_id.in_(ids), model.PackageTag.state == "active")
    )
    named = {package.owner_org for package in packages if package.owner_org}
    groups = model.Session.query(model.Group.id, model.Group.name, model.Group.title).filter(model.Group.id.in_(named))
    organisations = {number: {"id": number, "name": name, "title": title} for number, name, title in groups}
    by_package = _grouped((item.package_id, item) for item in resources.order_by(model.Resource.position))
    tags_of = _grouped(tags.order_by(model.Tag.name))
    # As package_show: the address of an uploaded file is made of these.
    surroundings = {"model": model, "session": model.Session, "user": context.get("user")}
    lists = _lists() if _has_form() else frozenset()
    return [
        {
            **_columns(package),
            **_extras(package.extras or {}, lists),
            "organization": organisations.get(package.owner_org),
            "tags": [{"name": name} for name in tags_of.get(package.id, ())],
            "resources": [model_dictize.resource_dictize(item, surroundings) for item in by_package.get(package.id, ())],
        }
        for package in packages
    ]


def _grouped(pairs: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _columns(package: Any) -> dict[str, Any]:
    kept = ("id", "name", "title", "version", "url", "author", "author_email", "maintainer", "maintainer_email", "notes", "license_id")
    more = ("type", "owner_org", "creator_user_id", "private", "state")
    times = {name: getattr(package, name).isoformat() for name in ("metadata_created", "metadata_modified")}
    return {name: getattr(package, name) for name in (*kept, *more)} | times


def _extras(extras: Mapping[str, str], lists: Collection[str]) -> dict[str, Any]:
    """Extras as `package_show` gives them: the form keeps its `lists` as JSON; without a form a text like one is a text."""
    return {key: _unpacked(value) if key in lists and value[:1] == "[" else value for key, value in extras.items()}


def _unpacked(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # kept before the site had the form
        return text


@functools.cache
def _lists() -> frozenset[str]:
    """The fields of which there can be several."""
    return frozenset(field.name for field in dataset_fields() if field.term.many)


def govdata_datastore_switch(context: Any, data_dict: Mapping[str, Any]) -> dict[str, str]:
    """Let a loaded shadow take the place of a resource's table in one transaction: readers see the old table or the new one.

    `shadow`, `resource_id`: ids of two resources that the caller may edit; `rows`, `checksum`: of what was sent; `indexes`: names of
    the shadow's indexes → names on the live table. Gives `{"result": "switched" | "already"}`; a ValidationError with the SQLSTATE under
    `code` where the table was left as it was.
    """
    order = _order(data_dict)
    for resource in (order["shadow"], order["live"]):
        toolkit.check_access("govdata_datastore_switch", context, {"resource_id": resource})
    from ckanext.datastore.backend.postgres import get_write_engine

    connection = get_write_engine().raw_connection()
    try:
        cursor = connection.cursor()
        for name, value in order.items():
            cursor.execute("SELECT set_config(%s, %s, true)", (f"govdata.{name}", value))
        cursor.execute(content.read_text(SCRIPT))
        cursor.execute("SELECT current_setting('govdata.result')")
        result = str(cursor.fetchone()[0])
        connection.commit()
    except psycopg2.Error as error:
        connection.rollback()
        if not str(error.pgcode or "").startswith(_REFUSED):
            raise
        what = str(error.diag.message_primary or "")
        raise toolkit.ValidationError({"switch": [govdata_text("switch-refused", what=what)], "code": [str(error.pgcode)]}) from error
    finally:
        connection.close()
    return {"result": result}


def _order(data: Mapping[str, Any]) -> dict[str, str]:
    """The script's settings; ValidationError where one is missing or of the wrong kind."""
    indexes = data.get("indexes") or {}
    names = [data.get("shadow"), data.get("resource_id")]
    numbers = [str(data.get("rows", "")), str(data.get("checksum", ""))]
    good = all(isinstance(name, str) and name for name in names) and all(number.removeprefix("-").isdecimal() for number in numbers)
    if not good or not isinstance(indexes, Mapping):
        raise toolkit.ValidationError({"shadow": [govdata_text("switch-arguments")]})
    waiting = {"lock_ms": str(LOCK_MS), "tries": str(TRIES)}
    return {
        "shadow": str(names[0]),
        "live": str(names[1]),
        "rows": numbers[0],
        "checksum": numbers[1],
        "indexes": json.dumps(indexes),
        **waiting,
    }


def _may_switch(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Who may edit the resource."""
    try:
        toolkit.check_access("resource_update", context, {"id": data_dict.get("resource_id")})
    except toolkit.NotAuthorized as error:
        return {"success": False, "msg": str(error)}
    return {"success": True}


@toolkit.auth_allow_anonymous_access
def _may_ask(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Everybody: it tells no more than `status_show`."""
    return {"success": True}


def _may_read(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Everybody with a token: each sees what they may see. CKAN's own check lets the anonymous user object of an API call pass."""
    return {"success": bool(context.get("user"))}


@toolkit.chained_action
def package_create(original_action: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """CKAN's own, with the repeating fields of the form put together."""
    gather(data_dict)
    return original_action(context, data_dict)


@toolkit.chained_action
def package_update(original_action: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """CKAN's own, with the repeating fields of the form put together."""
    gather(data_dict)
    return original_action(context, data_dict)


ACTIONS = {
    "package_create": package_create,
    "package_update": package_update,
    "govdata_capabilities": govdata_capabilities,
    "govdata_state": govdata_state,
    "govdata_datastore_switch": govdata_datastore_switch,
    "govdata_datastore_copy": govdata_datastore_copy,
}
RIGHTS = {
    "govdata_capabilities": _may_ask,
    "govdata_state": _may_read,
    "govdata_datastore_switch": _may_switch,
    "govdata_datastore_copy": _may_switch,
}
