"""The CKAN to test against: both sites take an organisation, a dataset, a file, a table; they differ where they should."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator, Mapping

import pytest

from tests.targets.conftest import Refused, Site, stack
from tests.targets.samples import plain

pytestmark = pytest.mark.service

ROWS = [{"编号": 1, "名称": "徐家汇停车场", "收费": 8.5}, {"编号": 2, "名称": "衡山路停车场", "收费": 10.0}]
FIELDS = [{"id": "编号", "type": "int"}, {"id": "名称", "type": "text"}, {"id": "收费", "type": "numeric"}]


@pytest.fixture
def organisation(site: Site) -> Iterator[str]:
    """An organisation of this test, taken away afterwards with what it has."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    site.call("organization_create", {"name": name, "title": "徐汇区建设和管理委员会"})
    yield name
    found = site.call("package_search", {"fq": f"organization:{name}", "include_private": True})["results"]
    for dataset in found:
        site.call("dataset_purge", {"id": dataset["id"]})
    site.call("organization_purge", {"id": name})


@pytest.fixture
def dataset(site: Site, organisation: str) -> str:
    """The id of a dataset with one resource; its title is one run of Chinese."""
    entry = {"name": organisation, "title": f"徐汇区公共停车场{organisation}", "notes": "名称、地址和泊位数"}
    resource = {"name": "停车场", "url": "https://example.org/parking.csv", "format": "CSV"}
    return str(site.call("package_create", plain(site.name, organisation, resource, **entry))["id"])


def test_a_dataset_comes_back(site: Site, organisation: str, dataset: str) -> None:
    found = site.call("package_show", {"id": organisation}, anonymous=True)
    assert (found["id"], found["organization"]["title"]) == (dataset, "徐汇区建设和管理委员会")
    assert [resource["name"] for resource in found["resources"]] == ["停车场"]
    with pytest.raises(Refused, match="403"):
        site.call("package_delete", {"id": dataset}, anonymous=True)


def test_a_table_is_written_and_read(site: Site, dataset: str) -> None:
    resource = site.call("package_show", {"id": dataset})["resources"][0]["id"]
    wanted = {"resource_id": resource, "fields": FIELDS, "records": ROWS, "primary_key": ["编号"], "force": True}
    site.call("datastore_create", wanted | {"calculate_record_count": False})
    found = site.call("datastore_search", {"resource_id": resource, "filters": {"编号": 2}}, anonymous=True)
    assert (found["total"], found["records"][0]["名称"], float(found["records"][0]["收费"])) == (1, "衡山路停车场", 10.0)
    command = ["psql", "-X", "-At", "-c", f'select "名称" from "{resource}" order by "编号"', site.write_url]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == [row["名称"] for row in ROWS]


def test_chinese_words_are_found_with_our_configuration_only(site: Site, organisation: str, dataset: str) -> None:
    found = site.call("package_search", {"q": "公共", "fq": f"organization:{organisation}"})["results"]
    assert [each["id"] for each in found] == ([dataset] if site.name == "govdata" else [])


def test_plugins(sites: Mapping[str, Site]) -> None:
    loaded = {name: set(site.call("status_show")["extensions"]) for name, site in sites.items()}
    assert "datastore" in loaded["stock"]
    assert not {"scheming_datasets", "dcat", "govdata"} & loaded["stock"]
    assert {"datastore", "scheming_datasets", "dcat", "govdata"} <= loaded["govdata"]
    assert sites["govdata"].call("govdata_capabilities")["form"]
    assert sites["govdata"].page("/catalog.ttl")[0] == 200
    assert sites["stock"].page("/catalog.ttl")[0] == 404


def test_everything_runs_and_starting_again_changes_nothing(sites: Mapping[str, Site]) -> None:
    before = stack("status")
    assert [line.split()[1] for line in before.splitlines()] == ["up"] * 5
    stack("start")
    assert [line.split()[:3] for line in stack("status").splitlines()] == [line.split()[:3] for line in before.splitlines()]
    assert {site.url for site in sites.values()} == {"http://" + line.split()[2] for line in before.splitlines()[:2]}
