"""The containers of `catalog/ckan`: as far as can be seen without running them, they are what the tested stack is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "catalog" / "ckan"
FILE = FOLDER / "docker-compose.yml"

FROM_ENVIRONMENT = {
    "sqlalchemy.url": "CKAN_SQLALCHEMY_URL",
    "ckan.datastore.write_url": "CKAN_DATASTORE_WRITE_URL",
    "ckan.datastore.read_url": "CKAN_DATASTORE_READ_URL",
    "ckan.redis.url": "CKAN_REDIS_URL",
    "solr_url": "CKAN_SOLR_URL",
    "ckan.site_id": "CKAN_SITE_ID",
    "ckan.site_url": "CKAN_SITE_URL",
    "ckan.storage_path": "CKAN_STORAGE_PATH",
    "ckan.max_resource_size": "CKAN_MAX_UPLOAD_SIZE_MB",
}
"""Options that CKAN 2.12 takes from the environment (`ckan.config.environment.CONFIG_FROM_ENV_VARS`)."""


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def text(name: str) -> str:
    return (FOLDER / "docker" / name).read_text(encoding="utf-8")


def ini_options() -> set[str]:
    return set(re.findall(r"^([\w.]+) = ", text("ckan.ini").partition("[loggers]")[0], re.MULTILINE))


def test_images_have_versions() -> None:
    dockerfile = text("Dockerfile")
    stages = re.findall(r"^FROM (\S+) AS (\S+)", dockerfile, re.MULTILINE)
    images = [service["image"] for service in compose()["services"].values()] + [image for image, _ in stages if ":" in image]
    assert len(images) > 6
    assert [image for image in images if not re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?", image)] == []
    assert [image for image, _ in stages if ":" not in image and image not in {name for _, name in stages}] == []
    built = {service["build"]["target"] for service in compose()["services"].values() if "build" in service}
    assert built <= {name for _, name in stages}
    solr = (ROOT / "scripts/stack/solr-server/pom.xml").read_text(encoding="utf-8")
    ckan = (ROOT / "scripts/stack/requirements.in").read_text(encoding="utf-8")
    # Solr and CKAN are those that the stack tests.
    (version,) = re.findall(r"<solr>([\d.]+)</solr>", solr)
    assert f"FROM solr:{version} AS solr" in dockerfile
    (version,) = re.findall(r"^ckan\[requirements\]==([\d.]+)$", ckan, re.MULTILINE)
    assert compose()["x-ckan"]["image"].endswith(f":{version}")


def test_what_is_copied_is_there() -> None:
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", text("Dockerfile"), re.MULTILINE) for word in line.split()[:-1]]
    assert len(copied) >= 10
    assert [path for path in copied if not (ROOT / path).exists()] == []
    mounted = [volume.partition(":")[0] for service in compose()["services"].values() for volume in service.get("volumes", ())]
    named = set(compose()["volumes"])
    assert [path for path in mounted if path not in named and not (FOLDER / path).exists()] == []
    assert named == {path for path in mounted if not path.startswith(".")}


def test_the_wheel_can_be_built_from_what_is_copied() -> None:
    """What the build of the package reads at the top of the repository is copied."""
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {declared["project"]["readme"], "LICENSE", *declared["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]}
    copied = {word for line in re.findall(r"^COPY (.*) /srv/govdata", text("Dockerfile"), re.MULTILINE) for word in line.split()}
    assert needed <= copied


def test_every_variable_is_explained_and_nothing_else() -> None:
    used = set(re.findall(r"\$\{(\w+)", FILE.read_text(encoding="utf-8")))
    assert used == set(re.findall(r"^(\w+)=", text("env.example"), re.MULTILINE))


def test_all_that_the_stack_configures_is_configured() -> None:
    """The options that `scripts/ckan` writes into a site's file stand in ours, or come from the environment."""
    source = (ROOT / "scripts/stack/sites.py").read_text(encoding="utf-8")
    body = source.partition("    chosen = {")[2].partition("    }")[0]
    wanted = set(re.findall(r'^ +"([\w.]+)":', body, re.MULTILINE))
    assert {"ckan.plugins", "SECRET_KEY", "solr_url", "ckan.datastore.read_url"} <= wanted
    given = set(compose()["x-ckan"]["environment"])
    assert set(FROM_ENVIRONMENT.values()) | {"CKAN_SECRET_KEY"} == given
    assert {option for option in wanted if option not in ini_options() and FROM_ENVIRONMENT.get(option) not in given} == set()
    assert set(re.findall(r"%\((CKAN_\w+)\)s", text("ckan.ini"))) <= given


def test_services_that_the_addresses_name_exist() -> None:
    services = compose()["services"]
    hosts = {host for value in compose()["x-ckan"]["environment"].values() for host in re.findall(r"//(?:[^@/]*@)?([a-z]+)[:/]", value)}
    assert hosts == {"db", "redis", "solr"} <= set(services)
    waited = {name for service in services.values() for name in service.get("depends_on", {})}
    assert waited <= set(services)
    assert all("healthcheck" in services[name] for name in ("db", "redis", "solr", "ckan"))
    setup = services["setup"]["environment"]
    assert set(compose()["x-ckan"]["environment"]) < set(setup), "merging keeps the addresses"
    assert services["ckan"]["ports"] == ["127.0.0.1:${CKAN_PORT:-5000}:5000"]


def test_plugins_are_ours_and_in_the_order_that_ours_need() -> None:
    (plugins,) = re.findall(r"^ckan.plugins = (.*)$", text("ckan.ini"), re.MULTILINE)
    names = plugins.split()
    assert {"datastore", "govdata", "scheming_datasets", "dcat"} == set(names)
    assert names.index("govdata") < names.index("scheming_datasets")


def test_passwords_are_on_no_command_line() -> None:
    for script in ("setup.sh", "databases.sh"):
        lines = [line for line in text(script).splitlines() if not line.startswith("#")]
        assert not [line for line in lines if re.search(r"\$\{?(\w*PASSWORD|CKAN_\w+)", line)]
