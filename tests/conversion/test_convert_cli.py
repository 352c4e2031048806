"""The command: what was made on standard output alone, what is told beside it, exit codes, both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

import govdata
from govdata.cli.convert import FORMS
from govdata.cli.main import run
from govdata.content import compiled
from govdata.conversion import forms
from govdata.conversion.converting import Told
from govdata.conversion.views import notice_text
from govdata.graph.descriptions import Notice
from govdata.messages import template

CATALOGS = Path(__file__).parent / "catalogs"
ENTRY = "信息资源名称: 停车场\n信息资源代码: '307001/000012'\ncolour: red\n"


def test_the_command_knows_every_form() -> None:
    assert tuple(forms.FORMS) == FORMS


@pytest.mark.parametrize(("language", "output"), [("zh-CN", ()), ("en", ()), ("en", ("--output", "-"))])
def test_what_was_made_stands_alone_on_standard_output(
    language: str, output: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    assert run(["convert", str(tmp_path / "entry.yaml"), "--to", "jsonl", *output, "--lang", language]) == 0
    out, err = capfd.readouterr()
    key = "title" if language == "en" else "信息资源名称"
    assert out.startswith(f'{{"{key}":"停车场"')
    assert "colour" in err


def test_a_catalog_is_checked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyoxigraph")
    assert run(["convert", str(CATALOGS / "european" / "source.jsonld"), "--output", str(tmp_path / "made"), "--lang", "en"]) == 1
    out, err = capfd.readouterr()
    assert err == ""
    assert f"Written as yaml to {tmp_path / 'made'}; datasets: 2" in out
    assert "entry/sharing-type-required" in out
    assert "dct:conformsTo: an entry has no place for it" in out
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["air-hourly", "https-portal.example.eu-dataset-trees"]


@pytest.mark.parametrize("named", [True, False])
def test_of_many_in_one_file_each_is_checked(named: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As of entries one a line: `@graph` is no item of an entry."""
    pytest.importorskip("pyoxigraph")
    said = {}
    for form in ("jsonld", "jsonl"):
        output = ["--output", str(tmp_path / f"all.{form}")] if named else []
        code = run(["convert", str(CATALOGS / "european" / "source.jsonld"), "--to", form, *output, "--lang", "en"])
        told = capfd.readouterr()
        said[form] = code, [line for line in (told.out if named else told.err).splitlines() if line.startswith("Total")]
    assert said["jsonld"] == said["jsonl"]
    assert said["jsonl"][0] == 1
    assert len(said["jsonl"][1]) == 1


def test_the_settings_of_the_directory_count_without_a_file_too(tmp_path: Path) -> None:
    pytest.importorskip("pyoxigraph")
    (tmp_path / "govdata.toml").write_text('standard = "shanghai"\n', encoding="utf-8")
    (tmp_path / "a.ttl").write_text("<urn:a> a <http://www.w3.org/ns/dcat#Dataset> .", encoding="utf-8")
    report = govdata.convert(tmp_path / "a.ttl", "yaml").report
    assert report is not None
    assert [standard["id"] for standard in report.run["standards"]] == ["shanghai"]


def test_signs_that_move_the_cursor_are_not_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyoxigraph")
    text = '<urn:a> a <http://www.w3.org/ns/dcat#Dataset> ; <urn:p> "\\u001b[2J\\u202E" .'
    (tmp_path / "a.ttl").write_text(text, encoding="utf-8")
    run(["convert", str(tmp_path / "a.ttl"), "--output", str(tmp_path / "made")])
    assert not set("\x1b\u202e") & set(capfd.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nowhere"], 3), (["{a}", "--to", "docx"], 2), (["{a}", "--output", "{a}"], 3), (["{broken}", "--to", "jsonl"], 3), ([], 2)],
)
def test_exit_codes(arguments: list[str], code: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    places = {"{a}": str(tmp_path / "entry.yaml"), "{broken}": str(tmp_path / "broken.ttl")}
    (tmp_path / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    (tmp_path / "broken.ttl").write_text("<urn:a> <urn:b>", encoding="utf-8")
    assert run(["convert", *(places.get(argument, argument) for argument in arguments)]) == code
    assert capfd.readouterr().err
    assert (tmp_path / "entry.yaml").read_text(encoding="utf-8") == ENTRY


@pytest.mark.parametrize("key", [key for key in compiled("messages")["convert.yaml"] if key.startswith("notice-")])
def test_every_notice_has_words_that_name_its_place(key: str) -> None:
    for language in ("zh-CN", "en"):
        told = notice_text(Told(Notice(key.removeprefix("notice-"), "the dataset", "the place", "7"), 2), language)
        assert "the place" in told
        assert "the dataset" in told
    assert set(template(f"convert.{key}")) == {"zh", "en"}
