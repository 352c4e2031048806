"""One mapping of GB 18030, whichever codec does the work; other encodings in UTF-8; and what may be left out before decoding."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.reading.encodings import gb18030, iconv
from govdata.reading.encodings.candidates import decoder
from govdata.reading.encodings.sifting import SIFTABLE, count_characters, count_lines, sift
from govdata.reading.encodings.speed import decodes, decodes_in_polars
from govdata.reading.encodings.transcoding import to_utf8

HANZI = "编号,名称,地址\n1,徐汇区公共停车场,漕溪北路\n"


def two_bytes() -> list[bytes]:
    """All codes of two bytes."""
    return [bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF))]


def four_bytes() -> Iterator[list[bytes]]:
    """All codes of four bytes that have a character, those of one first byte at a time."""
    for lead in (*range(0x81, 0x85), *range(0x90, 0xE4)):
        codes = [
            bytes((lead, second, third, last)) for second in range(0x30, 0x3A) for third in range(0x81, 0xFF) for last in range(0x30, 0x3A)
        ]
        top = b"\x84\x31\xa4\x39" if lead < 0x90 else b"\xe3\x32\x9a\x35"
        yield [code for code in codes if code <= top]


def same(codes: Sequence[bytes]) -> bool:
    """Whether codes read the same one by one among their like, so that each codec is asked."""
    data = b"\n".join(codes)
    return to_utf8(data, "gb18030") == gb18030.decode(data).encode()


def test_all_codes_of_two_bytes() -> None:
    codes = two_bytes()
    assert len(codes) == 23_940
    assert same(codes)
    assert all(to_utf8(code, "gb18030") == gb18030.decode(code).encode() for code in codes)


def test_all_codes_of_four_bytes() -> None:
    count = 0
    for codes in four_bytes():
        assert same(codes)
        count += len(codes)
        if codes[0] < b"\x90":  # the others are computed
            assert all(to_utf8(code, "gb18030") == gb18030.decode(code).encode() for code in codes)
    assert count == 39_420 + 1_048_576


def test_codes_without_a_character() -> None:
    for code in (
        *(bytes((0x84 + n, 0x31, 0xA5, 0x30)) for n in range(8)),
        b"\xe3\x32\x9a\x36",
        b"\xfe\x39\xfe\x39",
        b"\xff",
        b"\xd0",
        b"\x81\x30\x81",
    ):
        assert iconv.transcode(code) is None
        with pytest.raises(UnicodeDecodeError):
            to_utf8(code, "gb18030")


def test_code_of_a_character_that_is_none() -> None:
    assert to_utf8("\ufdd0".encode("gb18030"), "gb18030") == "\ufdd0".encode()
    assert gb18030.decode("\ufdd0".encode("gb18030")) == "\ufdd0"


@pytest.mark.parametrize("code", ["FE51", "FE91", "82359037", "84318236", "A6D9", "80"])
def test_what_iconv_reads_in_its_own_way_goes_to_our_codec(code: str) -> None:
    data = HANZI.encode("gb18030") * 4000
    middle = data.find(b"\n", len(data) // 2) + 1
    mixed = data[:middle] + bytes.fromhex(code) + b"\n" + data[middle:]
    assert to_utf8(mixed, "gb18030") == gb18030.decode(mixed).encode()


@given(st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_bytes_of_any_kind(data: bytes) -> None:
    check(data)


@given(
    st.lists(
        st.one_of(st.sampled_from(two_bytes()), st.sampled_from([b"\x80", b"\n", b"a", b"\x81\x30\x81\x30", b"\x81", b"\xff"])), max_size=60
    )
)
@settings(max_examples=300, deadline=None)
def test_codes_in_any_order(codes: list[bytes]) -> None:
    check(b"".join(codes))


def read(data: bytes) -> tuple[object, ...]:
    """The text, or where the error is, by our codec."""
    try:
        return (gb18030.decode(data).encode(),)
    except UnicodeDecodeError as error:
        return error.start, error.end, data


def check(data: bytes) -> None:
    """The same text, or the same error at the same place."""
    try:
        found: tuple[object, ...] = (to_utf8(data, "gb18030"),)
    except UnicodeDecodeError as error:
        found = error.start, error.end, error.object
    assert found == read(data)


@pytest.mark.parametrize("place", [0, 40_000, 123_457, -1])
def test_place_of_an_error_in_a_large_piece(place: int) -> None:
    data = bytearray(HANZI.encode("gb18030") * 4000)
    data[place] = 0xFF
    with pytest.raises(UnicodeDecodeError) as expected:
        bytes(data).decode("gb18030")
    with pytest.raises(UnicodeDecodeError) as raised:
        to_utf8(bytes(data), "gb18030")
    assert (raised.value.start, raised.value.end) == (expected.value.start, expected.value.end)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "cp1252", "utf-16-le", "utf-32-be", "shift_jis"])
def test_every_encoding(encoding: str) -> None:
    text = {"big5": "編號,名稱\n", "cp1252": "José,Málaga,€\n", "shift_jis": "番号,名前\n"}.get(encoding, HANZI) * 50
    data = text.encode(encoding)
    assert to_utf8(data, encoding) == text.encode()
    assert to_utf8(b"a,b\n1,2\n", "utf-8") == b"a,b\n1,2\n"
    with pytest.raises(UnicodeDecodeError):
        to_utf8(data + b"\x81", encoding)


def test_several_threads_at_once() -> None:
    chosen = random.Random(3)
    pieces = ["".join(chosen.choices(HANZI, k=200_000)).encode("gb18030") for _ in range(8)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda piece: to_utf8(piece, "gb18030"), pieces * 3))
    assert found == [gb18030.decode(piece).encode() for piece in pieces] * 3


PARTS = st.lists(
    st.one_of(
        st.sampled_from(
            [b"abc", b"a", b"ab", b",", b"0", b"00", b"\n", b"\x80", b"\xff", b"\x81\x30", b"\x81\x30\x81\x30", b"\x81", b"\xe4\xb8"]
        ),
        st.sampled_from(["中文", "é", "堃", "𠂇", "€", "x é y"]).flatmap(
            lambda text: st.sampled_from([text.encode(name, "ignore") for name in ("utf-8", "gb18030", "cp950", "cp1252")])
        ),
    ),
    max_size=25,
).map(b"".join)


def characters(data: bytes, encoding: str) -> str | None:
    """The characters beyond ASCII, or `None` where the bytes do not decode."""
    try:
        return "".join(character for character in decoder(encoding).decode(data, True) if character > "\x7f")
    except UnicodeDecodeError:
        return None


@given(PARTS, st.sampled_from(sorted(SIFTABLE)))
@settings(max_examples=500, deadline=None)
def test_what_is_sifted_decodes_to_the_same_characters(data: bytes, encoding: str) -> None:
    pytest.importorskip("numpy")
    data = b"0123456789" * (len(data) + 1) + data + b"\n"  # so much ASCII that it is worth it
    assert len(sift(data)) < len(data)
    assert characters(sift(data), encoding) == characters(data, encoding)


@given(st.one_of(PARTS, st.binary(max_size=40)))
@settings(max_examples=500, deadline=None)
def test_polars_knows_utf8_as_python_does(data: bytes) -> None:
    pytest.importorskip("polars")
    assert decodes_in_polars(data) == decodes(data)


@pytest.mark.parametrize(
    "data", ["\ud800".encode("utf-8", "surrogatepass"), b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xf4\x8f\xbf\xbf", b"", b"\0", b"\xef\xbb\xbf"]
)
def test_polars_knows_the_limits_of_utf8(data: bytes) -> None:
    pytest.importorskip("polars")
    assert decodes_in_polars(data) == decodes(data)


@pytest.mark.parametrize("tail", ["", "𠂇", "\uffff\ue000"])
def test_counting_with_numpy(tail: str) -> None:
    pytest.importorskip("numpy")
    text = "".join(random.Random(1).choices(HANZI, k=1 << 16)) + tail
    assert {character: text.count(character) for character in set(text)} == dict(count_characters(text))
    assert count_lines(text.encode()) == text.count("\n")
