"""Encoding is proven or refused, never guessed."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import content
from govdata.encodingnames import label
from govdata.reading.encodings import gb18030
from govdata.reading.encodings.candidates import decoder, try_all
from govdata.reading.encodings.octets import CHUNK, Census, LineEnds, line_at
from govdata.reading.encodings.plausible import frequent
from govdata.reading.encodings.proof import Proof, prove
from govdata.reading.encodings.showing import mask
from govdata.reading.encodings.speed import PLAIN, Speed, ahead, beside, speed_for
from govdata.settings import Settings
from govdata.values import Finding

RUN = Settings()
TABLE = "编号,名称,地址,泊位数\n" + "".join(f"{i},徐汇区公共停车场{i},漕溪北路{i}号,{i * 3}\n" for i in range(60))
TRADITIONAL = "編號,名稱,地址,車位數\n" + "".join(f"{i},信義區公共停車場{i},忠孝東路{i}號,{i * 3}\n" for i in range(60))
LATIN = "name,city\nJosé,Málaga\nFrançois,Orléans\nMüller,Köln\n"
JAPANESE = "番号,名前,住所\n1,山田太郎,東京都新宿区西新宿\n2,鈴木花子,大阪市北区のビル\n"
KOREAN = "번호,이름,주소,전화\n1,김철수,서울특별시 강남구 역삼동,서비스\n2,이영희,부산광역시 해운대구,기술\n"
RUSSIAN = "имя,город\nИван,Москва\nПётр,Казань\n"

PROVEN = {
    "utf-8": (TABLE.encode(), "utf-8"),
    "utf-8 with mark": (TABLE.encode("utf-8-sig"), "utf-8"),
    "ascii": (b"a,b\n1,2\n", "utf-8"),
    "utf-8 Russian": (RUSSIAN.encode(), "utf-8"),
    "utf-8 Latin": (LATIN.encode(), "utf-8"),
    "utf-8 degrees": ("t,unit\n3,°C\n4,°C\n".encode(), "utf-8"),
    "gb18030": (TABLE.encode("gb18030"), "gb18030"),
    "digits and one repeated name": (("id,name,n\n" + "".join(f"{i},张伟,{i * 17}\n" for i in range(50))).encode("gb18030"), "gb18030"),
    "10 KB of ASCII, then GB18030": (("id,name\n" + "1,abc\n" * 2000 + "2,徐汇区停车场\n" * 3).encode("gb18030"), "gb18030"),
    "two sexes": ("id,sex\n1,男\n2,女\n".encode("gb18030"), "gb18030"),
    "big5": (TRADITIONAL.encode("big5"), "big5"),
    "cp1252": (LATIN.encode("cp1252"), "cp1252"),
    "utf-16 with mark": (TABLE.encode("utf-16"), "utf-16-le"),
    "utf-16-le": (TABLE.encode("utf-16-le"), "utf-16-le"),
    "utf-16-be": (TABLE.encode("utf-16-be"), "utf-16-be"),
    "utf-16-le ASCII": ("a,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
    "utf-32": (TABLE.encode("utf-32"), "utf-32-le"),
}


@pytest.mark.parametrize("name", PROVEN)
def test_proven(name: str) -> None:
    data, encoding = PROVEN[name]
    proof = prove(data, None, RUN)
    assert isinstance(proof, Proof)
    assert proof.encoding == encoding
    assert proof.size == len(data)


REFUSED = {
    "road or middle dot": ("n,p\n12路,x\n13路,y\n".encode("gb18030"), "file/encoding", 2),
    "EUC-KR": (KOREAN.encode("euc-kr"), "file/encoding", 1),
    "Shift JIS": (JAPANESE.encode("shift_jis"), "file/encoding", 1),
    "EUC-JP": (JAPANESE.encode("euc-jp"), "file/encoding", 1),
    "cp1251": (RUSSIAN.encode("cp1251"), "file/encoding", 1),
    "koi8-r": (RUSSIAN.encode("koi8-r"), "file/encoding", 1),
    "a broken byte in GB18030": (TABLE.encode("gb18030")[:500] + b"\xff" + TABLE.encode("gb18030")[500:], "file/encoding", None),
    "a lost byte in UTF-8": (TABLE.encode()[:500] + TABLE.encode()[501:], "file/encoding", None),
    "half a character at the end": (TABLE.encode("gb18030") + b"\xd0", "file/encoding", 62),
    "UTF-8, then GB18030": (TABLE.encode() + TABLE.encode("gb18030"), "file/encoding-mixed", 62),
    "GB18030, then UTF-8": (TABLE.encode("gb18030") + TABLE.encode(), "file/encoding-mixed", 62),
    "one line of UTF-8 at the end": (TABLE.encode("gb18030") + "61,徐家汇\n".encode(), "file/encoding-mixed", 62),
    "one line of UTF-8 after few of GB18030": (
        "编号,名称\n1,公共停车场\n2,中心公园\n".encode("gb18030") + "3,徐家汇体育公园,天钥桥路\n".encode(),
        "file/encoding-mixed",
        4,
    ),
    "a line that both can decode, then one that only UTF-8 can": (
        TABLE.encode("gb18030") + "61,你好,淮海\n62,徐家汇\n".encode(),
        "file/encoding-mixed",
        62,
    ),
    "a line that both can decode": (TABLE.encode("gb18030") + "61,你好,淮海\n".encode(), "file/encoding-mixed", 62),
    "the header alone in UTF-8": (TABLE.split("\n")[0].encode() + b"\n" + TABLE.encode("gb18030"), "file/encoding-mixed", 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    data, rule, line = REFUSED[name]
    found = prove(data, None, RUN)
    assert isinstance(found, Finding)
    assert found.rule == rule
    assert line is None or found.line == line
    assert found.args["candidates"]


def test_refusal_shows_candidates_on_the_same_cell() -> None:
    found = prove("n,p\n12路,x\n".encode("gb18030"), None, RUN)
    assert isinstance(found, Finding)
    shown = {one["encoding"]: one["text"] for one in found.args["candidates"]}  # type: ignore[attr-defined]
    assert shown == {"utf-8": "12·", "gb18030": "12路"}
    assert found.args["reason"] == "encoding-several"


def test_lines_of_utf16_are_counted_in_the_text() -> None:
    data = "编号,名称\n1,上海上海\n2,上海".encode("utf-16")
    found = prove(data + b"\x00\xd8\n\x00", None, RUN)
    assert isinstance(found, Finding)
    assert (found.line, found.args["reason"]) == (3, "encoding-marked")
    assert "上海" in str(found.args["shown"])


def test_priors_of_the_settings() -> None:
    assert isinstance(prove(TABLE.encode("gbk"), None, Settings(encodings=("GBK", "utf-8", "klingon"))), Proof)
    found = prove(JAPANESE.encode("gb18030") + b"\xff", None, Settings(encodings=("shift_jis",)))
    assert isinstance(found, Finding)
    assert len(found.args["candidates"]) == 2  # type: ignore[arg-type]


def test_each_candidate_says_where_it_fails() -> None:
    data = TABLE.encode("gb18030")[:500] + b"\xff" + TABLE.encode("gb18030")[500:]
    found = prove(data, None, RUN)
    assert isinstance(found, Finding)
    fails = {one["encoding"]: one["offset"] for one in found.args["candidates"]}  # type: ignore[attr-defined]
    assert fails["utf-8"] == 0
    assert fails["gb18030"] in (499, 500)
    assert found.args["offset"] == fails["gb18030"]
    assert found.line == data.count(b"\n", 0, 500) + 1


@pytest.mark.parametrize(
    ("declared", "data", "expected"),
    [
        ("GBK", TABLE.encode("gbk"), "gb18030"),
        ("gb2312", TABLE.encode("gb2312"), "gb18030"),
        ("UTF8", TABLE.encode(), "utf-8"),
        ("utf-8", TABLE.encode("utf-8-sig"), "utf-8"),
        ("UTF-16", TABLE.encode("utf-16-le"), "utf-16-le"),
        ("utf-16", TABLE.encode("utf-16"), "utf-16-le"),
        ("big5", TRADITIONAL.encode("cp950"), "big5"),
        ("shift_jis", JAPANESE.encode("shift_jis"), "shift_jis"),
        ("gb18030", "n,p\n12路,x\n".encode("gb18030"), "gb18030"),
    ],
)
def test_declared(declared: str, data: bytes, expected: str) -> None:
    proof = prove(data, declared, RUN)
    assert isinstance(proof, Proof)
    assert proof.encoding == expected


@pytest.mark.parametrize(
    ("declared", "data", "reason"),
    [
        ("utf-8", TABLE.encode("gb18030"), "encoding-declared"),
        ("gb18030", TABLE.encode(), "encoding-declared"),
        ("gb18030", TABLE.encode("utf-8-sig"), "encoding-declared"),
        ("cp1252", TABLE.encode("gb18030"), "encoding-declared-unread"),
        ("big5", TABLE.encode("gb18030"), "encoding-declared-unread"),
    ],
)
def test_declared_wrong(declared: str, data: bytes, reason: str) -> None:
    found = prove(data, declared, RUN)
    assert isinstance(found, Finding)
    assert (found.rule, found.args["reason"]) == ("file/encoding", reason)


@pytest.mark.parametrize("name", ["klingon", "rot13", "zlib", "idna", "unicode_escape", "", "a\0b", "火星文"])
def test_no_such_encoding(name: str) -> None:
    assert label(name) is None
    if name:
        found = prove(TABLE.encode(), name, RUN)
        assert isinstance(found, Finding)
        assert found.rule == "file/encoding-unknown"


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (TABLE.encode("gb18030") + b"61,\x80 12,\n", "file/byte-80", 62),
        (TABLE.encode("gb18030") + b"61,\xaa\xa1,\n", "file/private-use", 62),
        (TABLE.encode() + "61,\ue000,\n".encode(), "file/private-use", 62),
        (b"a,b\n1,\0\n", "file/nul", 2),
        (TABLE.encode() + "61,停\ufffd场\n".encode(), "file/lost-characters", 62),
        (TABLE.encode("gb18030") + "61,锟斤拷\n".encode("gb18030"), "file/lost-characters", 62),
        (TABLE.encode("utf-16") + "61,停\ufffd场\n".encode("utf-16-le"), "file/lost-characters", 62),
    ],
)
def test_remarks(data: bytes, rule: str, line: int) -> None:
    proof = prove(data, None, RUN)
    assert isinstance(proof, Proof)
    assert [(found.rule, found.line) for found in proof.findings] == [(rule, line)]


def test_long_line_is_refused_before_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1," + b"x" * 5000 + b"\n")
    found = prove(path, None, Settings(max_line=1000))
    assert isinstance(found, Finding)
    assert (found.rule, found.line) == ("file/line-limit", 2)


@given(st.integers(1, 40), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_line_limit_is_exact(limit: int, length: int) -> None:
    found = prove(b"a,b\n" * 5 + b"x" * length + b"\r\nz", None, Settings(max_line=max(limit, 3)))
    assert isinstance(found, Finding) == (length > max(limit, 3))


def test_changes_of_the_standard_over_the_codec() -> None:
    for change in content.load(gb18030.TABLE)["changes"]:
        code = bytes.fromhex(change["code"])
        assert code.decode("gb18030") == chr(int(change["codec"], 16)), change
        assert gb18030.decode(code) == chr(int(change["standard"], 16)), change


def test_all_other_codes_are_the_codec() -> None:
    changed = {change["code"] for change in content.load(gb18030.TABLE)["changes"]}
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            code = bytes((lead, trail))
            if code.hex().upper() not in changed:
                assert gb18030.decode(code) == code.decode("gb18030")


@pytest.mark.parametrize("code", ["A6D9", "FE59", "FEA0", "A8BC"])
def test_iconv_agrees_where_it_is_at_hand(code: str) -> None:
    program = shutil.which("iconv")
    if program is None:  # elsewhere the table alone is checked, above
        return
    found = subprocess.run([program, "-f", "GB18030", "-t", "UTF-8"], input=bytes.fromhex(code), capture_output=True, check=True)
    assert found.stdout.decode() == gb18030.decode(bytes.fromhex(code))


@given(st.binary(max_size=200), st.integers(1, 20))
def test_decoder_in_pieces_equals_decoder_at_once(data: bytes, size: int) -> None:
    def run(pieces: list[bytes]) -> str | None:
        reader = gb18030.gb18030_decoder()
        try:
            return "".join(reader.decode(piece) for piece in pieces) + reader.decode(b"", True)
        except UnicodeDecodeError:
            return None

    assert run([data]) == run([data[i : i + size] for i in range(0, len(data), size)])


def test_numbers_of_persons_are_masked() -> None:
    assert mask("张三 110101190001011234 x") == "张三 ****************34 x"
    assert mask("11010119000101123X") == "****************3X"
    assert mask("13800000000") == "*********00"
    assert mask("2026-01-05 1234567") == "2026-01-05 1234567"


SIMPLE = sorted(frequent("hans"))
RARE = [chr(code) for code in range(0x4E00, 0x9FA6) if chr(code) not in frequent("hans")]
CELL = st.text(
    st.one_of(*[st.sampled_from(SIMPLE)] * 8, st.sampled_from(RARE), st.characters(min_codepoint=32, max_codepoint=126)), max_size=12
)
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=20)


def _read(data: bytes) -> str | None:
    proof = prove(data, None, RUN)
    return decoder(proof.encoding).decode(data[proof.bom :], True) if isinstance(proof, Proof) else None


@given(ROWS, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"]))
@settings(max_examples=300, deadline=None)
def test_proven_or_refused_never_wrong(rows: list[list[str]], encoding: str) -> None:
    text = "\n".join(",".join(row) for row in rows)
    assert _read(text.encode(encoding)) in (None, text)


@given(st.lists(st.sampled_from(SIMPLE), min_size=1, max_size=20), st.sampled_from(["gb18030", "utf-8"]))
@settings(max_examples=300, deadline=None)
def test_short_text_is_never_wrong(letters: list[str], encoding: str) -> None:
    text = "".join(letters)
    assert _read(text.encode(encoding)) in (None, text)


@pytest.mark.parametrize(("hanzi", "least"), [(4, 0.85), (8, 0.95), (12, 0.99), (30, 1.0)])
def test_gb18030_is_proven_from_few_hanzi(hanzi: int, least: float) -> None:
    chosen, proven = random.Random(hanzi), 0
    for _ in range(300):
        text = "id,name\n1," + "".join(chosen.choices(SIMPLE, k=hanzi)) + "\n"
        found = _read(text.encode("gb18030"))
        assert found in (None, text)
        proven += found is not None
    assert proven >= least * 300


def test_big5_is_proven_or_refused() -> None:
    chosen, letters = random.Random(5), [c for c in sorted(frequent("hant")) if _encodes(c, "cp950")]
    proven = 0
    for _ in range(300):
        text = "id,name\n1," + "".join(chosen.choices(letters, k=30)) + "\n"
        found = _read(text.encode("cp950"))
        assert found in (None, text)
        proven += found is not None
    assert proven > 290


def _encodes(character: str, encoding: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False


@given(st.binary(max_size=400), st.sampled_from([None, "utf-8", "gb18030", "big5", "utf-16", "cp1252", "shift_jis"]))
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_raise(data: bytes, declared: str | None) -> None:
    assert isinstance(prove(data, declared, RUN), Proof | Finding)


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n"]), max_size=30), st.integers(0, 40))
def test_line_at(parts: list[bytes], offset: int) -> None:
    data = b"".join(parts)
    offset = min(offset, len(data))
    head = data[:offset] + (b"" if data[offset - 1 : offset + 1] == b"\r\n" and offset else b"x")
    assert line_at(data, offset) == max(1, len(head.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")) - (head[-1:] == b"\r"))


def fast(size: int = CHUNK) -> Speed:
    """As for a large file: with what is installed of numpy and Polars, and with a thread that reads ahead."""
    return speed_for(b"", 0, size)


ODD_PARTS = [
    b"\x80",
    b"\xff",
    b"\0",
    b"\x81",
    b"0",
    b"\xaa\xa1",
    b"\xa3",
    b"\n",
    b"\r",
    b"\r\n",
    b",",
    "锟斤拷".encode("gb18030"),
    "\ufffd".encode(),
]
ODD_PARTS += [
    "𠂇ḿ€\ue7c7".encode("gb18030"),
    "䶮堃".encode("gb18030"),
    "徐家汇\n".encode(),
    "José".encode("cp1252"),
    b"\x81\x30\x81\x30",
    b"\x84\x30",
]
MADE = st.lists(
    st.one_of(
        st.tuples(st.text(st.sampled_from(SIMPLE + list("abc,,\n\n19")), max_size=30), st.sampled_from(["utf-8", "gb18030", "gb18030"])),
        st.tuples(st.text(st.sampled_from(RARE[:40] + list("ḿ€\ue000")), max_size=3), st.just("gb18030")),
        st.sampled_from(ODD_PARTS),
        st.binary(max_size=6),
    ),
    max_size=12,
).map(lambda parts: b"".join(part if isinstance(part, bytes) else part[0].encode(part[1]) for part in parts))
DECLARED = st.sampled_from([None, None, None, "utf-8", "gb18030", "big5", "cp1252", "shift_jis"])


@given(MADE, DECLARED, st.integers(1, 80), st.booleans())
@settings(max_examples=200, deadline=None)
def test_answers_do_not_depend_on_speed(data: bytes, declared: str | None, size: int, table: bool) -> None:
    data = TABLE.encode("gb18030") + data if table else data
    data = data.replace(b"\n", b"\n0123456789012345678901234567890123456789,") if len(data) % 3 else data  # so that there is ASCII to sift
    expected = prove(data, declared, RUN, PLAIN)
    assert prove(data, declared, RUN, Speed(size)) == expected
    assert prove(data, declared, RUN, fast(size)) == expected
    assert prove(data, declared, RUN, fast()) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 1000])
@pytest.mark.parametrize("name", [*PROVEN, *REFUSED])
def test_characters_cut_at_the_ends_of_chunks(name: str, size: int) -> None:
    data = (PROVEN[name] if name in PROVEN else REFUSED[name])[0]
    assert prove(data, None, RUN, Speed(size)) == prove(data, None, RUN, fast(size)) == prove(data, None, RUN, PLAIN)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "cp1252"])
@pytest.mark.parametrize("size", [1 << 16, CHUNK])
def test_lines_that_are_longer_than_a_piece(encoding: str, size: int) -> None:
    text = {"big5": TRADITIONAL, "cp1252": LATIN}.get(encoding, TABLE)
    data = text.encode(encoding).replace(b"\n", b";") * 200 + b"\n" + text.encode(encoding) * 3
    proof = prove(data, None, RUN, fast(size))
    assert proof == prove(data, None, RUN, PLAIN) == prove(data, None, RUN, Speed(777))
    assert isinstance(proof, Proof)
    assert proof.encoding == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp1252"])
def test_samples_do_not_depend_on_speed(encoding: str) -> None:
    text = LATIN * 9000 if encoding == "cp1252" else TABLE * 3000
    data = text.encode(encoding)
    slow, quick = (try_all(data, ("utf-8", "gb18030", "big5", "cp1252"), speed=speed) for speed in (PLAIN, fast()))
    assert [(one.name, one.failed, one.verdict()) for one in slow] == [(one.name, one.failed, one.verdict()) for one in quick]
    assert prove(data, None, RUN, PLAIN) == prove(data, None, RUN, fast())


@pytest.mark.parametrize("size", [7, 100, CHUNK])
@pytest.mark.parametrize("place", [0, 1, 500, 1733, -1])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_place_of_a_wrong_byte(encoding: str, place: int, size: int) -> None:
    data = bytearray(("a,b\n" * 400 + TABLE).encode(encoding))
    data[place] = 0xFF
    with pytest.raises(UnicodeDecodeError) as raised:
        data.decode(encoding)
    for speed in (Speed(size), fast(size)):
        (one,) = try_all(bytes(data), (encoding,), speed=speed)
        assert one.failed == raised.value.start


@pytest.mark.parametrize("end", [b"\x81\n", b"\xb64\n", b"\xac38\n", b"\x813\x81\n"])
def test_half_a_code_at_the_end_of_a_piece(end: bytes) -> None:
    data = b"0123456789" * 20 + end + ("1,a,0123456789\n" * 30 + "2,\ue000\n").encode("gb18030")
    for speed in (PLAIN, fast(180), fast()):
        (one,) = try_all(data, ("gb18030",), speed=speed)
        assert (one.failed, one.private) == (200, None)


def test_first_hanzi_late_in_the_file() -> None:
    data = b"1,abc\n" * 400_000 + TABLE.encode("gb18030") + b"\x80\n"
    proof = prove(data, None, RUN, fast())
    assert isinstance(proof, Proof)
    assert (proof.encoding, [found.line for found in proof.findings]) == ("gb18030", [400_062])


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_places_whatever_the_line_ends(encoding: str, end: str) -> None:
    data = (TABLE.replace("\n", end) + f"61,锟斤拷{end}62,\ue000{end}").encode(encoding)
    for speed in (PLAIN, Speed(9), fast(9), fast()):
        proof = prove(data, None, RUN, speed)
        assert isinstance(proof, Proof)
        assert [(found.rule, found.line) for found in proof.findings] == [("file/private-use", 63), ("file/lost-characters", 62)]


def test_byte_80_behind_the_sign_that_it_stands_for() -> None:
    proof = prove(TABLE.encode("gb18030") + "61,€\n".encode("gb18030") + b"62,\x80\n", None, RUN)
    assert isinstance(proof, Proof)
    assert [(found.rule, found.line) for found in proof.findings] == [("file/byte-80", 63)]


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"bb"]), max_size=40), st.integers(1, 9), st.integers(1, 5))
def test_census_in_pieces(parts: list[bytes], size: int, limit: int) -> None:
    data = b"".join(parts)
    whole, cut = Census(limit), Census(limit)
    whole.add(data)
    for start in range(0, len(data), size):
        cut.add(data[start : start + size])
    crlf = data.count(b"\r\n")
    assert whole.ends == cut.ends == LineEnds(crlf, data.count(b"\n") - crlf, data.count(b"\r") - crlf)
    assert whole.too_long == cut.too_long
    assert (whole.too_long is not None) == any(len(line) > limit for line in data.replace(b"\r", b"\n").split(b"\n"))


def test_large_files_use_what_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.encode())
    assert speed_for(path) == PLAIN
    assert speed_for(path, large=10).ahead
    for name in ("numpy", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    assert speed_for(path, large=10) == Speed(ahead=True, apart=True)


def test_the_digest_taken_beside_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for encoding in ("utf-8", "gb18030"):
        path.write_bytes(TABLE.encode(encoding) * 50)
        proofs = [prove(path, None, RUN, speed) for speed in (PLAIN, speed_for(path, large=10, chunk=100))]
        assert isinstance(proofs[0], Proof)
        assert proofs[0] == proofs[1]
        assert proofs[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_a_thread_beside_gives_and_what_went_wrong(error: type[BaseException]) -> None:
    """A key pressed breaks off what Polars does in any thread."""

    def broken() -> int:
        raise error("gone")

    assert beside(lambda: 7, "t")() == 7
    with pytest.raises(error, match="gone"):
        beside(broken, "t")()


def test_reading_ahead_ends_with_its_reader() -> None:
    reached = []

    def numbers() -> Iterator[int]:
        for number in range(1000):
            reached.append(number)
            yield number

    found = ahead(numbers())
    assert [next(found), next(found)] == [0, 1]
    found.close()
    assert max(reached) < 10
    assert list(ahead(iter(range(100)))) == list(range(100))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_reading_ahead_hands_on_what_went_wrong(error: type[BaseException]) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise error("gone")

    found = ahead(broken())
    assert next(found) == 1
    with pytest.raises(error, match="gone"):
        next(found)
