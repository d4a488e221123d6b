"""Series are input from strangers: read, or refused in one short line, in bounded memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror.capture.series_file import read_series
from mirror.errors import SeriesError

PAIR = ("pat", "th")
MEMORY = 64 * 2**20
MANY = 100_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dyad.csv"


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """However little or much a file claims, little memory is taken."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def timed(*stamps: str) -> bytes:
    return ("time,pat,th\n" + "".join(f"{stamp},1,2\n" for stamp in stamps)).encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"pat,th\n1,\x002\n3,4\n", r"line 2: '\\x002' in column 'th' is no number"),
        (b"pat,th\x00\n1,2\n3,4\n", r"has no 'th'; its columns are: pat, th\?"),
        (b"pat,\x1b[2Jth\n1,2\n3,4\n", r"its columns are: pat, \?\[2Jth"),
        (b"pat,th\n1,\x1b[2J\n3,4\n", r"'\\x1b\[2J' in column 'th'"),
        (b'pat,th\n1,"2\n3"\n3,4\n', "is no number"),
        (b'pat,th\n1,"2\n' + b"3,4\n" * MANY, "is no table: field larger"),
        (b"pat,th\n1," + b"9" * 100_000 + b"\n3,4\n", r"'9+\.\.\.9+' in column 'th' is no number"),
        (b"pat,th\n1," + b"9" * 5_000_000 + b"\n3,4\n", "is no table: a line of more than"),
        (b"pat,th" + b" " * 5_000_000, "is no table: a line of more than"),
        (b"pat,th\n" + b"," * MANY + b"1\n1,2\n", "line 2: 100001 fields under 2 columns"),
        (b",".join(b"c%d" % at for at in range(MANY)), "holds no series"),
        (bytes(range(128)) * 100, "fields under"),
        (b"\xff\xfep\x00a\x00t\x00", "holds no series"),
        (b"\xff\xfep\x00a", "no text file in UTF-8"),
    ],
)
def test_rejects_invalid_bytes_and_endless_lines(file: Path, content: bytes, says: str) -> None:
    file.write_bytes(content)
    with pytest.raises(SeriesError, match=says) as caught:
        read_series(file, PAIR, rate=25)
    text = str(caught.value).replace(str(file), "")
    assert text.isprintable()
    assert len(text) < 400


@pytest.mark.parametrize(
    ("stamps", "says"),
    [
        (("0", "0.04", "1e300"), "goes from 0 s to 1e\\+300 s"),
        (("-1e308", "1e308"), "goes from -1e\\+308 s"),
        (("0", "5e-324"), "steps by 4.94066e-324 s"),
        (("0", "1e-9", "2e-9", "3e-9"), "steps by 1e-09 s"),
        (("0", "9" * 400), "is no number"),
    ],
)
def test_rejects_stamps_that_are_no_times(file: Path, stamps: tuple[str, ...], says: str) -> None:
    file.write_bytes(timed(*stamps))
    with pytest.raises(SeriesError, match=says) as caught:
        read_series(file, PAIR, time="time")
    assert len(str(caught.value).replace(str(file), "")) < 400


def test_error_about_many_columns_is_one_line(file: Path) -> None:
    names = [*(f"c{at}" for at in range(MANY)), *PAIR]
    row = ",".join(["1"] * MANY + ["5", "7"])
    file.write_text("\n".join([",".join(names), *[row] * 20]))
    _, values, _ = read_series(file, PAIR, rate=25)
    assert values.tolist() == [[5, 7]] * 20
    with pytest.raises(SeriesError, match="has no 'who'") as caught:
        read_series(file, ("who", "th"), rate=25)
    assert len(str(caught.value).replace(str(file), "")) < 400


def test_accepts_a_night_between_two_parts(file: Path) -> None:
    stamps = [*(at / 10 for at in range(100)), *(36_000 + at / 10 for at in range(100))]
    file.write_bytes(timed(*map(str, stamps)))
    times, _, rate = read_series(file, PAIR, time="time")
    assert rate == 10.0
    assert len(times) == 200
