"""The switch: a loaded shadow takes the place of a resource's table in one transaction, from outside or inside CKAN."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from govdata.errors import SiteError
from govdata.publishing.ckan.columns import Column, primary_key
from govdata.publishing.ckan.database import refused_inside, switch_outside
from govdata.publishing.ckan.shadows import Shadow, forget, release
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.sums import Loaded


def switch(site: Site, shadow: Shadow, columns: Sequence[Column], loaded: Loaded, way: str, database: str = "") -> str:
    """Let readers see the loaded table under the resource's own id; gives `switched`, or `already` where that had been done.

    `way` is `plugin` (an action of ours inside CKAN) or `sql` (`database`: the write URL). Raises `PublishError`, and leaves the old table.
    The resource must say `datastore_active: true` in its dataset for CKAN to show a preview of it: the caller's to set.
    """
    indexes = index_names(shadow.id, shadow.live, columns)
    if way == "sql":
        found = switch_outside(database, shadow, loaded, indexes)
    else:
        order = {"shadow": shadow.id, "resource_id": shadow.live, "rows": loaded.rows, "checksum": loaded.checksum, "indexes": indexes}
        try:
            found = str(site.act("govdata_datastore_switch", order)["result"])
        except SiteError as error:
            raise refused_inside(error, shadow.live) from error
    forget(site, shadow)
    return found


def hand_over(site: Site, shadow: Shadow) -> None:
    """On a stock CKAN: leave the loaded table under the shadow's id, ready to be shown by the resource of that id in one `package_revise`.

    The caller sends that revision (with `datastore_active: true`), and then takes away the old resource's table with `shadows.retire`.
    """
    release(site, shadow)


def index_names(shadow: str, live: str, columns: Sequence[Column]) -> dict[str, str]:
    """Names of a shadow's indexes → those that CKAN would give them on the live table: it looks for them by name."""
    indexed = ['"_full_text"']
    if key := primary_key(columns):
        indexed.append(", ".join(f'"{name}"' for name in key))
    return {index_name(shadow, fields): index_name(live, fields) for fields in indexed}


def index_name(resource: str, fields: str) -> str:
    """The name of an index as CKAN 2.12 makes it (`_generate_index_name`)."""
    return hashlib.sha1((resource + fields).encode(), usedforsecurity=False).hexdigest()
