"""Digests are SHA-256, whichever code makes them."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from govdata import digests


@pytest.mark.parametrize("size", [0, 1, 64, digests.LARGE - 1, digests.LARGE, digests.LARGE + 1])
def test_digests_are_those_of_hashlib(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert digests.sha256(data[:size]) == hashlib.sha256(data[:size]).hexdigest()


def test_small_data_needs_no_openssl() -> None:
    code = "import sys\nfrom govdata import digests\ndigests.sha256(b'a')\nsys.exit('hashlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_codes_of_python_itself_there_is_hashlib() -> None:
    code = (
        "import sys\nsys.modules['_sha2'] = sys.modules['_sha256'] = None\n"
        "from govdata import digests\nassert 'hashlib' in sys.modules\nprint(digests.sha256(b'a'))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.strip() == hashlib.sha256(b"a").hexdigest()
