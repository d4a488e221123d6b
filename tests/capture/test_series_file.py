"""Plain series from text files: parsing, bridged gaps and errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror.capture.address import parse
from mirror.capture.series_file import SeriesFileSource, read_series, series_sources
from mirror.errors import SeriesError, SettingsError, SourceError
from tests.support.xdf import Stream, xdf_file

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
        ("t|pat|th", "0|1.5|4", "1||-5e1", "2|3|<NA>"),
        ("", " ", "t,pat,th", "0,1.5,4,", "1,#N/A,-5e1,", "2,3,-nan,", ",,,"),
        ("t,pat,th,,", "1,1.5,4,,", "1,,-5e1,,", "2,3,NaN,,"),
        # Of R's write.table and write.csv
        ('"t" "pat" "th"', '"1" 0 1.5 4', '"2" 1 NA -50', '"3" 2 3 NA'),
        ("t,pat,th", "x,0,1.5,4", "y,1,NA,-50", "z,2,3,NA"),
        ('"","t","pat","th"', '"1",0,1.5,4', '"2",1,NA,-50', '"3",2,3,NA'),
    ],
)
def test_accepts_common_separators(file: Path, lines: tuple[str, ...]) -> None:
    times, values, rate = read_series(write(file, *lines), PAIR, rate=25)
    assert values[:, 0] == pytest.approx([1.5, np.nan, 3], nan_ok=True)
    assert values[:, 1] == pytest.approx([4, -50, np.nan], nan_ok=True)
    assert times.tolist() == [0.0, 0.04, 0.08]
    assert rate == 25.0


def test_reads_unicode_text_of_excel(file: Path) -> None:
    file.write_text("pat\tth\r\n1,5\t4\r\n\t-5e1\r\n", "utf-16")
    _, values, _ = read_series(file, PAIR, rate=25)
    assert values.tolist()[0] == [1.5, 4.0]


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


def test_every_sample_is_a_pose_and_incomplete_ones_are_missing(file: Path) -> None:
    timed(file, [0.5, 0.6, 0.75], [1, 2, np.nan], [4, 5, 6])
    source = SeriesFileSource(parse(f"series:{file}#columns=th,pat&time=time"))
    poses = list(source)
    assert [each.time for each in poses] == [0.5, 0.6, 0.75]
    samples = [None if each.series is None else each.series.tolist() for each in poses]
    assert samples == [[4, 1], [5, 2], None]
    assert (source.series, source.live, source.duration) == (("th", "pat"), False, 0.75)
    assert source.read() is None
    source.close()


def test_samples_without_any_value_keep_their_time(file: Path) -> None:
    times, values, _ = read_series(write(file, "pat,th", "1,4", ",", "", "2,5", ","), PAIR, rate=25)
    assert times.tolist() == [0.0, 0.04, 0.08]
    assert values[:, 0] == pytest.approx([1, np.nan, 2], nan_ok=True)
    (path := file.with_name("one.csv")).write_text('pat\n1\n""\n2\n\n')
    assert read_series(path, ["pat"], rate=25)[1] == pytest.approx(
        np.array([[1], [np.nan], [2]]), nan_ok=True
    )


def test_sources_of_two_people_in_one_file(file: Path) -> None:
    timed(file, [0, 0.1], [1, 2], [4, 5])
    a, b, labels = series_sources(file, "pat, th", 25.0, None)
    assert labels == ("pat", "th")
    assert (a, b) == tuple(f"series:{file}#columns={name}&rate=25.0" for name in PAIR)
    odd = Path("a#b,c.csv")
    a, _, (label, _) = series_sources(odd, '"x, left",y&z,u,v', None, "t#1")
    address = parse(a)
    assert (address.base, address.column) == (f"series:{odd}", "t#1")
    assert (address.series, label) == (("x, left", "y&z"), "x, left, y&z")
    for columns, rate in (("pat", 25.0), ("a,b,c", 25.0), ("pat,th", None)):
        with pytest.raises(SettingsError):
            series_sources(file, columns, rate, None)


@pytest.mark.parametrize("time", ["Time (ms)", "time_ms", "ms", "t [MS]"])
def test_stamps_may_be_milliseconds(file: Path, time: str) -> None:
    stamps = np.round(np.arange(100) * 1000 / 60)  # 16 and 17
    times, _, rate = read_series(timed(file, stamps, stamps, time=time), ["pat"], time=time)
    assert rate == 60.0
    assert times == pytest.approx(stamps / 1000)


def test_other_time_columns_are_in_seconds(file: Path) -> None:
    stamps = np.arange(50) / 10
    *_, rate = read_series(timed(file, stamps, stamps, time="items"), ["pat"], time="items")
    assert rate == 10.0


@pytest.mark.parametrize("step", [1e-6, 0.3, 33.3])
def test_stamps_that_are_no_seconds_are_explained(file: Path, step: float) -> None:
    timed(file, np.arange(200) * step, np.ones(200))
    with pytest.raises(SeriesError, match=r"steps by .*ends in 'ms'"):
        read_series(file, ["pat"], time="time")


@pytest.mark.parametrize(
    "form",
    [
        lambda k: f"00:01:{2.5 + k / 25:05.2f}",
        lambda k: f"2026-11-28T10:20:{k / 25:05.2f}",
        lambda k: f"{k / 25:.2f}s",
        lambda k: str(1764324000000000 + 40000 * k),  # microseconds since 1970
        lambda k: f"{45989.43 + k / 25 / 86400:.10f}",  # days, of Excel
    ],
)
def test_times_in_other_units_are_refused_with_what_to_give(
    file: Path, form: Callable[[int], str]
) -> None:
    write(file, "time,pat", *(f"{form(k)},{k}" for k in range(50)))
    with pytest.raises(SeriesError, match=r"column 'time' .*; give seconds, such as 62.5"):
        read_series(file, ["pat"], time="time")


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
    assert "line 4: the time '0.1' in column 'time' is not after" in complaint(file, time="time")
    write(file, "time,pat,th", "0,1,2", ",3,4", "0.2,5,6")
    assert "line 3: the time 'missing'" in complaint(file, time="time")


def test_reads_the_dyads_of_rmea(shared: Path) -> None:
    _, values, _ = read_series(shared / "oracles" / "rMEA" / "100_01.txt", PAIR, rate=25)
    assert values.shape == (15000, 2)
    assert values[:3].T.tolist() == [[46, 14, 66], [3879, 2952, 3853]]


def test_reads_irregular_stamps(shared: Path) -> None:
    path = shared / "oracles" / "irregular_motion_pair.csv"
    columns = ["Upper body mq", "Left Hand mq", "Right Hand mq"]
    times, values, rate = read_series(path, columns, time="Time (ms)")
    assert rate == 10.0
    assert times[0] == 0.45
    assert values[0] == pytest.approx([143.766769, 39.142689, 14.385435])
    assert (np.diff(times) > 0.25).sum() >= 10  # ten pauses of 0.37 s to 1.68 s


@pytest.fixture(scope="module")
def xdf(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a file of two people at 20 Hz; Ben's computer is 500 s behind the other's."""
    rng = np.random.default_rng(0)
    t = np.arange(200) / 20
    anna, ben = ([0.01 * np.sin(t + k), np.cos(t + k)] for k in range(2))
    jitter = rng.uniform(0, 0.001, len(t))
    streams = [
        Stream("markers", "psychopy", [(999.0, "begins")]),
        Stream("Anna", "a", [*zip(1000.0 + t, np.transpose(anna), strict=True)], 20.0),
        Stream(
            *("Ben # 2", "b", [*zip(500.25 + t + jitter, np.transpose(ben), strict=True)]),
            *(20.0, ["chest", "hand"], 500.0),
        ),
        Stream("twice", "c", [(1000.0 + k // 2, [1.0]) for k in range(4)]),
    ]
    return xdf_file(tmp_path_factory.mktemp("xdf") / "both.xdf", streams)


def test_streams_of_xdf_are_on_one_clock(xdf: str) -> None:
    anna = SeriesFileSource(parse(f"{xdf}#stream=Anna"))
    ben = SeriesFileSource(parse(f"series:{xdf}#stream=Ben %23 2&columns=hand"))
    assert (anna.series, ben.series) == (("1", "2"), ("hand",))
    assert (anna.rate, ben.rate) == pytest.approx((20.0, 20.0), abs=0.01)
    first, second = list(anna), list(ben)
    t = np.arange(200) / 20
    assert [each.time for each in first] == pytest.approx(1.0 + t)
    assert [each.time for each in second] == pytest.approx(1.25 + t, abs=0.002)
    values = np.array([each.series for each in second])
    assert values == pytest.approx(np.cos(t + 1)[:, None])


def stream_with(tmp_path: Path, old: str, new: str) -> str:
    """Return a stream of two channels, labelled and in range but for a part of its header."""
    samples = [(k / 20, [k, (np.inf, 1e200, -1e31, 5.0)[k]]) for k in range(4)]
    whole = Path(xdf_file(tmp_path / "x.xdf", [Stream("a", "a", samples, 20.0, ["u", "v"])]))
    at = whole.read_bytes()
    assert old.encode() in at
    whole.write_bytes(at.replace(old.encode(), new.encode().ljust(len(old))))
    return f"{whole}#stream=a"


CHANNELS = "<channel><label>u</label></channel><channel><label>v</label></channel>"


@pytest.mark.parametrize(
    ("old", "new", "labels"),
    [
        ("<label>v</label>", "", "u 2"),
        ("<label>v</label>", "v", "u 2"),
        ("<label>u</label></channel><channel><label>v</label>", "", "1 2"),
        (CHANNELS, "", "1 2"),
        (f"<channels>{CHANNELS}</channels>", "Fz", "1 2"),
        ("<channel><label>u</label></channel>", "<channel/><channel/><channel/>", "1 2"),
    ],
)
def test_channels_that_a_stream_of_xdf_does_not_name_are_numbers(
    tmp_path: Path, old: str, new: str, labels: str
) -> None:
    source = SeriesFileSource(parse(stream_with(tmp_path, old, new)))
    assert source.series == tuple(labels.split())


def test_samples_of_xdf_that_no_recording_takes_are_missing(tmp_path: Path) -> None:
    source = SeriesFileSource(parse(stream_with(tmp_path, "<type>", "<type>")))
    samples = [None if each.series is None else each.series.tolist() for each in source]
    assert samples == [None, None, None, [3.0, 5.0]]


@pytest.mark.parametrize(
    ("old", "new"),
    [("<name>a</name>", "<name/>"), ("<nominal_srate>20</nominal_srate>", "<nominal_srate/>")],
)
def test_headers_of_xdf_without_what_they_need(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(SeriesError, match=r"cannot read .* is no whole XDF file|0 streams of"):
        SeriesFileSource(parse(stream_with(tmp_path, old, new)))


def test_streams_that_cannot_be_used(xdf: str, tmp_path: Path) -> None:
    for part, problem in (
        ("stream=markers", "0 streams of numbers called 'markers'; it has: Anna, Ben # 2, twice"),
        ("stream=twice", "stamps of 'twice' do not rise"),
        ("stream=Anna&columns=chest", "no channel 'chest'; .*its channels are: 1, 2"),
    ):
        with pytest.raises((SeriesError, SourceError), match=problem):
            SeriesFileSource(parse(f"{xdf}#{part}"))
    endless = Stream("a", "a", [(1.0, [1.0]), (2.0, [2.0]), (np.inf, [3.0])])
    with pytest.raises(SeriesError, match="stamps of 'a' do not rise"):
        SeriesFileSource(parse(f"{xdf_file(tmp_path / 'endless.xdf', [endless])}#stream=a"))
    other = tmp_path / "x.xdf"
    for _ in range(2):
        with pytest.raises(SeriesError, match=r"cannot read .*x\.xdf"):
            SeriesFileSource(parse(f"{other}#stream=a"))
        other.write_text("nothing")
