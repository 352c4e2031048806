"""`ckan govdata …`: commands for the site's operator, run by CKAN's own command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckan
import click

from govdata.ckan_plugin.solr import chinese_schema


def commands() -> list[Any]:
    """The group that CKAN adds."""
    return [group]


@click.group(name="govdata", short_help="政务数据目录 · Catalog of government data")
def group() -> None:
    """政务数据目录。Catalog of government data."""


@group.command(name="solr-schema")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
def solr_schema(target: Path | None) -> None:
    """把能检索中文的 Solr 配置写到 TARGET，不给则输出。Write a Solr schema that finds Chinese to TARGET, or print it.

    It is the installed CKAN's own schema.xml with other types of text. Put it into the core's conf/, restart Solr, and run
    `ckan search-index rebuild`.
    """
    shipped = Path(str(ckan.__file__)).parent / "config" / "solr" / "schema.xml"
    schema = chinese_schema(shipped.read_text(encoding="utf-8"))
    if target is None:
        click.echo(schema)
    else:
        target.write_text(schema, encoding="utf-8")
        click.echo(str(target))
