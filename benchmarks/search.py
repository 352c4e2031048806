"""Chinese search on Solr, measured: analyzers and ways to ask, against the queries and truths of tests/targets/data/search.yaml.

python benchmarks/search.py --solr http://127.0.0.1:58983/solr --home DIR --schema SCHEMA_XML

`--home` is Solr's home folder (scripts/ckan: `.ckan/solr/home`), where a core for each analyzer is made and removed again;
`--schema` is the schema.xml of the installed CKAN. Prints a Markdown table: for each variant the queries that miss a wanted
dataset, those that find others too, those whose right ones do not come first, and the mean time of a query.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from govdata.ckan_plugin.search import QUERY_FIELDS, chinese_query  # noqa: E402
from govdata.ckan_plugin.solr import chinese_schema  # noqa: E402

CORPUS = ROOT / "tests" / "targets" / "data" / "search.yaml"
CKAN_FIELDS = "name^4 title^4 tags^2 groups^2 text"
"""CKAN's own (ckan/lib/search/query.py)."""
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_WIDTH = '<filter class="solr.CJKWidthFilterFactory"/>'
_LOWER = '<filter class="solr.LowerCaseFilterFactory"/>'
_CHAINS = {
    "smartcn": '<tokenizer class="solr.HMMChineseTokenizerFactory"/>' + _WIDTH + _LOWER,
    "icu": '<tokenizer class="solr.ICUTokenizerFactory"/><filter class="solr.ICUFoldingFilterFactory"/>',
}


def corpus() -> list[dict[str, Any]]:
    """The datasets of the corpus: `title`, `notes`, `tags`, `items`, `publisher`, `name`."""
    declared = yaml.safe_load(CORPUS.read_text(encoding="utf-8"))
    places = [(place, about["of"], about["code"]) for place, about in declared["places"].items()]
    made = [
        {**subject, "title": place + subject["title"], "publisher": of + place + subject["department"], "name": f"s{number:03}-{code}"}
        for number, subject in enumerate(declared["subjects"])
        for place, of, code in places
    ]
    single = enumerate(declared["extra"])
    return made + [{**one, "publisher": one["place"] + one["department"], "name": f"x{number:03}"} for number, one in single]


def queries() -> list[dict[str, Any]]:
    """The queries with what is wanted of each."""
    return list(yaml.safe_load(CORPUS.read_text(encoding="utf-8"))["queries"])


def wanted(query: Mapping[str, Any], datasets: list[dict[str, Any]]) -> set[str]:
    """The names of the datasets that a query should find: those that hold all its words."""
    where = (lambda one: one["title"]) if "title" in query else _text
    words = [word.lower() for word in query.get("title") or query["words"]]
    return {one["name"] for one in datasets if all(word in where(one).lower() for word in words)}


def _text(dataset: Mapping[str, Any]) -> str:
    return "\n".join([dataset["title"], dataset["notes"], dataset["publisher"], *dataset["tags"], *dataset["items"]])


def first_are_right(query: Mapping[str, Any], found: list[str], datasets: list[dict[str, Any]]) -> bool:
    """Whether the found datasets whose title holds `first` come before all others."""
    if "first" not in query:
        return True
    titles = {one["name"]: one["title"].lower() for one in datasets}
    right = [query["first"].lower() in titles[name] for name in found]
    return right == sorted(right, reverse=True) and (any(right) or not found)


def _document(one: Mapping[str, Any]) -> dict[str, Any]:
    """What CKAN and the plugin send to Solr."""
    own = {"index_id": one["name"], "id": one["name"], "site_id": "default", "entity_type": "package", "state": "active", "_version_": None}
    text = {"title": one["title"], "name": one["name"], "notes": one["notes"], "tags": one["tags"]}
    more = {"extras_publisher_name": one["publisher"], "res_extras_data_items": one["items"]}
    return {key: value for key, value in {**own, **text, **more}.items() if value is not None}


class Solr:
    """One Solr server. Its address, and the folder of its cores."""

    def __init__(self, address: str, home: Path) -> None:
        self.address, self.home = address.rstrip("/"), home

    def call(self, path: str, body: Any = None, **parameters: str) -> Any:
        """The answer to a request, parsed."""
        address = f"{self.address}/{path}?{urllib.parse.urlencode({**parameters, 'wt': 'json'})}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"} if data else {})
        with _OPENER.open(request, timeout=60) as answer:
            return json.load(answer)

    def make_core(self, name: str, schema: str) -> None:
        """A core with this schema, empty."""
        folder = self.home / name
        shutil.copytree(self.home / "ckan" / "conf", folder / "conf", dirs_exist_ok=True)
        (folder / "conf" / "schema.xml").write_text(schema, encoding="utf-8")
        self.call("admin/cores", action="CREATE", name=name, instanceDir=str(folder))

    def remove_core(self, name: str) -> None:
        """A core and its files."""
        self.call("admin/cores", action="UNLOAD", core=name, deleteInstanceDir="true")


def _as_ckan(text: str) -> dict[str, str]:
    parser = {} if ":" in text else {"defType": "dismax", "mm": "2<-1 5<80%", "qf": CKAN_FIELDS, "tie": "0.1"}
    return {"q": text, "q.op": "AND", "df": "text", **parser}


def _edismax(text: str) -> dict[str, str]:
    return _as_ckan(text) | ({} if ":" in text else {"defType": "edismax"})


def _as_plugin(text: str) -> dict[str, str]:
    ours = chinese_query(text)
    return _as_ckan(text) if ours is None else _edismax(ours) | {"q": ours, "qf": QUERY_FIELDS, "mm": "100%"}


VARIANTS: dict[str, tuple[str, Callable[[str], dict[str, str]]]] = {
    "CKAN as it ships": ("ckan", _as_ckan),
    "bigram": ("bigram", _as_ckan),
    "bigram, edismax": ("bigram", _edismax),
    "phrase": ("govdata", _as_ckan),
    "smartcn": ("smartcn", _as_ckan),
    "smartcn, edismax": ("smartcn", _edismax),
    "icu, edismax": ("icu", _edismax),
    "govdata": ("govdata", _as_plugin),
}
"""Name → (analyzer, how a query is asked)."""


def schemas(ckan: str) -> dict[str, str]:
    """Analyzer → schema."""
    ours = chinese_schema(ckan)
    found = {"ckan": ckan, "govdata": ours, "bigram": ours.replace(' autoGeneratePhraseQueries="true"', "")}
    for name, chain in _CHAINS.items():
        types = "".join(
            f'<fieldType name="{of}" class="solr.TextField" positionIncrementGap="100"><analyzer>{chain}</analyzer></fieldType>'
            for of in ("text", "text_general")
        )
        found[name] = chinese_schema(ckan, types)
    return found


def measure(solr: Solr, core: str, ask: Callable[[str], dict[str, str]], datasets: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """For each query what was wanted, found and missed, and the time."""
    for query in queries():
        start = time.perf_counter()
        answer = solr.call(f"{core}/select", rows="2000", fl="name", **ask(query["q"]))
        spent = time.perf_counter() - start
        found = [one["name"] for one in answer["response"]["docs"]]
        want = wanted(query, datasets)
        yield {
            "q": query["q"], "wanted": len(want), "found": len(found), "missed": len(want - set(found)), "noise": len(set(found) - want),
            "first": first_are_right(query, found, datasets), "time": spent,
        }  # fmt: skip


def main() -> int:
    """Measure every variant and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solr", required=True)
    parser.add_argument("--home", required=True, type=Path)
    parser.add_argument("--schema", required=True, type=Path)
    options = parser.parse_args()
    solr, datasets = Solr(options.solr, options.home.resolve()), corpus()
    results: dict[str, list[dict[str, Any]]] = {}
    for analyzer, schema in schemas(options.schema.read_text(encoding="utf-8")).items():
        core = f"measure_{analyzer}"
        solr.make_core(core, schema)
        try:
            solr.call(f"{core}/update", [_document(one) for one in datasets], commit="true")
            for name, (of, ask) in VARIANTS.items():
                if of == analyzer:
                    results[name] = list(measure(solr, core, ask, datasets))
        finally:
            solr.remove_core(core)
    _print(results, len(datasets))
    return 0


def _print(results: Mapping[str, list[dict[str, Any]]], size: int) -> None:
    print(f"{size} datasets, {len(queries())} queries\n")
    print("| variant | queries that miss some | recall | with noise | right ones not first | ms a query |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in VARIANTS:
        rows = results[name]
        recall = 1 - sum(row["missed"] for row in rows) / sum(row["wanted"] for row in rows)
        counts = [sum(map(bool, (row[key] for row in rows))) for key in ("missed", "noise")]
        late = sum(not row["first"] for row in rows)
        print(f"| {name} | {counts[0]} | {recall:.3f} | {counts[1]} | {late} | {1000 * sum(row['time'] for row in rows) / len(rows):.1f} |")
    print("\n| query | wanted | " + " | ".join(VARIANTS) + " |\n| --- | --- |" + " --- |" * len(VARIANTS))
    for number, query in enumerate(queries()):
        rows = [results[name][number] for name in VARIANTS]
        shown = [f"{row['found']}" + ("-" * bool(row["missed"])) + ("+" * bool(row["noise"])) + ("*" * (not row["first"])) for row in rows]
        print(f"| {query['q'].replace('*', chr(92) + '*')} | {rows[0]['wanted']} | " + " | ".join(shown) + " |")


if __name__ == "__main__":
    sys.exit(main())
