"""Plain series from text files: parsing, bridged gaps and errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.analysis.series_file import read_series
from mirror.errors import SeriesError

PAIR = ("pat", "th")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dyad.csv"


def write(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def timed(file: Path, stamps: Any, *columns: Any, time: str = "time") -> Path:
    names = ",".join([time, *PAIR][: len(columns) + 1])
    rows = zip(stamps, *columns, strict=True)
    return write(file, names, *(",".join(format(field, ".9g") for field in row) for row in rows))


def complaint(path: Path, columns: Any = PAIR, **how: Any) -> str:
    with pytest.raises(SeriesError) as caught:
        read_series(path, columns, **how)
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    "lines",
    [
        ("t,pat,th", "0,1.5,4", "1,,-5e1", "2,3,NA"),
        ("t\tpat\tth", "0\t1.5\t4", "1\t.\t-5e1", "2\t3\tnan"),
        ("t;pat;th", "0;1,5;4", "1;;-5e1", "2;3;NaN"),
        ('"t"  "pat" "th"', "0  1.5 4", ' 1 "" -5e1 ', "", "2 3 NA"),
        ("\ufefft, pat , th", "0, 1.5, 4", "1, , -5e1", "2, 3, null"),
        # Of Excel, where commas are decimal and where they are not
        ("sep=;", "t;pat;th", "0;1,5;4", "1;;-5e1", "2;3;NaN"),
        ('\ufeff"SEP=,"', "t,pat,th", "0,1.5,4", "1,,-5e1", "2,3,NaN"),
        ("sep=|", "t|pat|th", "0|1,5|4", "1||-5e1", "2|3|NaN"),
        ("t\tpat\tth", "0,0\t1,5\t4,0", "1\t.\t-5e1", "2\t3\tnan"),
        ('"t","pat","th"', '"0,0","1,5","4"', '"1","","-5e1"', '"2","3","NA"'),
        # Of R's write.table and write.csv
        ('"t" "pat" "th"', '"1" 0 1.5 4', '"2" 1 NA -50', '"3" 2 3 NA'),
        ("t,pat,th", "x,0,1.5,4", "y,1,NA,-50", "z,2,3,NA"),
        ('"","t","pat","th"', '"1",0,1.5,4', '"2",1,NA,-50', '"3",2,3,NA'),
    ],
)
def test_accepts_common_separators(file: Path, lines: tuple[str, ...]) -> None:
    series = read_series(write(file, *lines), PAIR, rate=25)
    assert series.a[:, 0] == pytest.approx([1.5, np.nan, 3], nan_ok=True)
    assert series.b[:, 0] == pytest.approx([4, -50, np.nan], nan_ok=True)
    assert series.rate == 25.0
    assert series.start_s == 0.0


@pytest.mark.parametrize(
    "field", ["0_5", "1_000", "1e200", "-1e31", "1,234.5", "1.234,5", "0x10", "1,2,3"]
)
@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_names_fields_that_are_no_numbers(file: Path, field: str, separator: str) -> None:
    row = f'"{field}"{separator}1'
    write(file, f"pat{separator}th", f"1{separator}2", row)
    said = complaint(file, rate=25)
    assert f"line 3: '{field}' in column 'pat' is no number" in said


def test_thousands_are_no_decimals(file: Path) -> None:
    write(file, "pat\tth", "1,234\t2,000", "2,345\t1,111,000")
    assert "line 2: '1,234' in column 'pat' is no number" in complaint(file, rate=25)


def test_extra_fields_are_row_names_in_all_rows_or_none(file: Path) -> None:
    write(file, "pat,th", "1,2,3", "2,3")
    assert "line 3: 2 fields under 2 columns" in complaint(file, rate=25)
    write(file, "pat,th", "0.5,2,3", "1.0,3,4")
    assert "line 2: 3 fields under 2 columns" in complaint(file, rate=25)


def test_several_columns_are_channels(file: Path) -> None:
    write(file, "ax,ay,bx,by", "1,2,3,4", "5,6,7,8")
    series = read_series(file, (["ay", "ax"], ["by", "bx"]), rate=10)
    assert series.a.tolist() == [[2, 1], [6, 5]]
    assert series.b.tolist() == [[4, 3], [8, 7]]


@given(seed=st.integers(0, 2**32 - 1), rate=st.sampled_from([7.0, 10.0, 23.0]))
@settings(max_examples=25)
def test_irregular_stamps_are_interpolated(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rate: float
) -> None:
    random = np.random.default_rng(seed)
    stamps = 5 + np.cumsum(random.uniform(0.02, 0.18, 200))
    a, b = random.standard_normal((2, 200))
    file = timed(tmp_path_factory.mktemp("series") / "dyad.csv", stamps, a, b)
    series = read_series(file, PAIR, time="time", rate=rate)
    grid = series.start_s + np.arange(len(series.a)) / rate
    assert grid[-1] <= stamps[-1] + 1e-6 < grid[-1] + 1 / rate + 1e-6
    assert series.start_s == pytest.approx(stamps[0])
    assert np.allclose(series.a[:, 0], np.interp(grid, stamps, a), atol=1e-5)
    assert np.allclose(series.b[:, 0], np.interp(grid, stamps, b), atol=1e-5)


def test_long_gaps_stay_missing_and_their_edges_do_not(file: Path) -> None:
    stamps = np.r_[np.arange(0, 1.01, 0.04), np.arange(1.24, 2.01, 0.04), np.arange(2.28, 3, 0.04)]
    series = read_series(timed(file, stamps, stamps, -stamps), PAIR, time="time")
    assert series.rate == 25.0
    grid = np.arange(len(series.a)) / 25
    missing = (grid > 2.001) & (grid < 2.279)  # 0.28 s; the gap of 0.24 s before it is bridged
    assert np.isnan(series.a[:, 0]).tolist() == missing.tolist()
    assert np.allclose(series.a[~missing, 0], grid[~missing])
    assert np.allclose(series.b[~missing, 0], -grid[~missing])


def test_slow_series_are_bridged_over_three_steps(file: Path) -> None:
    stamps = np.delete(np.arange(0, 20, 0.5), [5, 6, 15, 16, 17])
    series = read_series(timed(file, stamps, stamps, stamps), PAIR, time="time")
    assert series.rate == 2.0
    assert np.flatnonzero(np.isnan(series.a[:, 0])).tolist() == [15, 16, 17]


def test_gaps_are_found_per_column(file: Path) -> None:
    stamps = np.arange(0, 4, 0.05)
    a = stamps.copy()
    a[20:30], a[50:53], a[-2:] = np.nan, np.nan, np.nan
    series = read_series(timed(file, stamps, a, stamps), PAIR, time="time")
    assert np.flatnonzero(np.isnan(series.a[:, 0])).tolist() == [*range(20, 30), 78, 79]
    assert np.allclose(series.a[50:53, 0], stamps[50:53])
    assert not np.isnan(series.b).any()


def test_empty_column_is_missing(file: Path) -> None:
    write(file, "time,pat,th", "0,,1", "0.1,,2", "0.2,,3")
    series = read_series(file, PAIR, time="time")
    assert np.isnan(series.a).all()
    assert series.b[:, 0] == pytest.approx([1, 2, 3])


@pytest.mark.parametrize("time", ["Time (ms)", "time_ms", "ms", "t [MS]"])
def test_stamps_may_be_milliseconds(file: Path, time: str) -> None:
    stamps = np.round(np.arange(100) * 1000 / 60)  # 16 and 17
    series = read_series(timed(file, stamps, stamps, stamps, time=time), PAIR, time=time)
    assert series.rate == 60.0
    assert len(series.a) == 100


def test_other_time_columns_are_in_seconds(file: Path) -> None:
    stamps = np.arange(50) / 10
    series = read_series(timed(file, stamps, stamps, stamps, time="items"), PAIR, time="items")
    assert series.rate == 10.0


def test_bad_files(tmp_path: Path, file: Path) -> None:
    assert "No such file" in complaint(file, rate=25)
    assert "directory" in complaint(tmp_path, rate=25).lower()
    file.write_bytes(b"")
    assert "holds no series" in complaint(file, rate=25)
    assert "holds no series" in complaint(write(file, "pat,th", "1,2"), rate=25)
    file.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    assert "no text file in UTF-8" in complaint(file, rate=25)


def test_bad_columns(file: Path) -> None:
    write(file, "pat,th,th", "1,2,3", "4,5,6")
    assert "has no 'who'; its columns are: pat, th, th" in complaint(file, ("pat", "who"), rate=25)
    assert "has 2 columns 'th'" in complaint(file, rate=25)
    assert "2 columns are named for A and 1 for B" in complaint(
        file, (["pat", "th"], ["pat"]), rate=25
    )
    assert "0 columns are named for A" in complaint(file, ([], []), rate=25)
    assert "has no 'when'" in complaint(file, ("pat", "pat"), time="when")


def test_bad_rows(file: Path) -> None:
    write(file, "pat,th", "1,2", "", "3,four")
    assert "line 4: 'four' in column 'th' is no number" in complaint(file, rate=25)
    write(file, "pat,th", "1,2", "3,inf")
    assert "line 3: 'inf'" in complaint(file, rate=25)
    write(file, "pat,th", "1,2", "3,4,5")
    assert "line 3: 3 fields under 2 columns" in complaint(file, rate=25)


def test_bad_times(file: Path) -> None:
    write(file, "time,pat,th", "0,1,2", "0.1,3,4", "0.1,5,6")
    assert "nothing says how fast" in complaint(file)
    assert "the rate of" in complaint(file, rate=0)
    assert "line 4: the time '0.1' in column 'time' is not after" in complaint(file, time="time")
    write(file, "time,pat,th", "0,1,2", ",3,4", "0.2,5,6")
    assert "line 3: the time 'missing'" in complaint(file, time="time")
    timed(file, np.arange(0, 4000, 40), np.zeros(100), np.ones(100))
    assert "end its name in 'ms'" in complaint(file, time="time", rate=25)


def test_reads_the_dyads_of_rmea(shared: Path) -> None:
    series = read_series(shared / "oracles" / "rMEA" / "100_01.txt", PAIR, rate=25)
    assert series.a.shape == series.b.shape == (15000, 1)
    assert series.a[:3, 0].tolist() == [46, 14, 66]
    assert series.b[:3, 0].tolist() == [3879, 2952, 3853]


def test_reads_irregular_stamps(shared: Path) -> None:
    path = shared / "oracles" / "irregular_motion_pair.csv"
    columns = (
        ["Upper body mq", "Left Hand mq", "Right Hand mq"],
        ["Upper body mq.1", "Left Hand mq.1", "Right Hand mq.1"],
    )
    series = read_series(path, columns, time="Time (ms)")
    assert series.rate == 10.0
    assert series.start_s == 0.45
    assert series.a.shape == series.b.shape == (2395, 3)
    assert series.a[0] == pytest.approx([143.766769, 39.142689, 14.385435])
    # Ten pauses of 0.37 s to 1.68 s, 9.9 s of 239.4 s.
    assert np.isnan(series.a).sum(axis=0) == pytest.approx(99, abs=10)
