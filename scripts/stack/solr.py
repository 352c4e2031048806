"""Solr of a stack: one server, a core for each site. The stock core has CKAN's own schema, the other one our types for Chinese."""

from __future__ import annotations

import hashlib
import urllib.request
import xml.etree.ElementTree as ElementTree
from functools import partial

from stack.layout import ROOT, SITES, Stack, StackError, replace
from stack.packages import SERVER
from stack.processes import Part

CHINESE = ROOT / "catalog" / "ckan" / "solr"
"""Our part of the configuration: field types that take the place of CKAN's."""

NAMED_BY_SCHEMA = ("protwords.txt", "synonyms.txt")
"""Word lists that CKAN's schema wants beside it; empty ones do."""


def solr(stack: Stack) -> Part:
    """The server; it is started afresh when the configuration of a core has changed."""
    folder = stack.folder / "solr"
    home = folder / "home"
    port = stack.port("solr")
    options = ["-Xms64m", f"-Xmx{stack.settings.heap}", "-XX:+UseSerialGC", "-Djava.awt.headless=true"]
    options += [f"-Dlog4j2.configurationFile={SERVER / 'log4j2.xml'}", f"-Dsolr.log.dir={folder / 'log'}"]
    options += [f"-Dsolr.autoSoftCommit.maxTime={stack.settings.soft_commit}"]
    configured = [file.read_bytes() for file in sorted(home.glob("*/conf/*"))] + [(folder / "server.stamp").read_bytes()]
    return Part(
        name="solr",
        folder=folder,
        program="java",
        command=("java", *options, "-cp", f"{folder / 'classes'}:{folder / 'lib'}/*", "SolrServer", str(home), str(port)),
        ready=partial(_answers, port),
        depends=hashlib.sha256(b"\0".join(configured)).hexdigest(),
    )


def configure(stack: Stack) -> None:
    """Write the configuration of both cores."""
    home = stack.folder / "solr" / "home"
    (home / "empty").mkdir(parents=True, exist_ok=True)
    replace(home / "solr.xml", "<solr/>\n")
    for site in SITES:
        replace(home / site / "core.properties", f"name={site}\n")
        conf = home / site / "conf"
        replace(conf / "solrconfig.xml", (SERVER / "solrconfig.xml").read_text(encoding="utf-8"))
        for name in NAMED_BY_SCHEMA:
            replace(conf / name, "")
        replace(conf / "schema.xml", schema(stack, site))


def schema(stack: Stack, site: str) -> str:
    """CKAN's own schema as installed, with our field types in it unless the site is the stock one."""
    (file,) = (stack.folder / "venv").glob("lib/python3*/site-packages/ckan/config/solr/schema.xml")
    own = file.read_text(encoding="utf-8")
    return own if site == "stock" else with_types(own, (CHINESE / "types.xml").read_text(encoding="utf-8"))


def with_types(own: str, types: str) -> str:
    """A schema in which each field type that `types` declares takes the place of the one of its name. Fields stay as they are."""
    tree = ElementTree.fromstring(own)
    for declared in ElementTree.fromstring(types):
        name = declared.get("name")
        places = [(parent, index) for parent in tree.iter() for index, child in enumerate(parent) if _is_type(child, name)]
        if len(places) != 1:
            raise StackError(f"CKAN 的 Solr 模式中没有类型 {name}。", f"CKAN's Solr schema has no type {name}.")
        ((parent, index),) = places
        parent[index] = declared
    return ElementTree.tostring(tree, encoding="unicode") + "\n"


def _is_type(element: ElementTree.Element, name: str | None) -> bool:
    return str(element.tag).lower() == "fieldtype" and element.get("name") == name


def schema_digest(stack: Stack, site: str) -> str:
    """A digest of the schema that a core has; what was indexed with another one must be indexed anew."""
    return hashlib.sha256((stack.folder / "solr" / "home" / site / "conf" / "schema.xml").read_bytes()).hexdigest()


def fetched(address: str, seconds: float) -> str:
    """What an address of this machine answers, past any proxy; nothing where it fails."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=seconds) as answer:
            return str(answer.read().decode("utf-8", "replace"))
    except OSError:
        return ""


def _answers(port: int) -> bool:
    pings = [fetched(f"http://127.0.0.1:{port}/solr/{site}/admin/ping?wt=json", 10) for site in SITES]
    return all('"status":"OK"' in ping for ping in pings)
