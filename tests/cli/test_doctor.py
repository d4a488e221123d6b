from __future__ import annotations

import json
import platform
import stat
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mirror import Pose
from mirror._support import logs
from mirror._support.system_libraries import ENGINE, SOUND, WINDOW, missing_packages
from mirror.capture.base import Frame
from mirror.capture.pose_model import VARIABLE, cache_path, provide_model
from mirror.cli.app import app
from mirror.cli.doctor import MEDIAPIPE, Check, examine
from mirror.errors import MirrorError
from mirror.settings import Settings
from tests.support.commands import error_line, run, run_here
from tests.support.fakes import Waving

ROOT = Path(__file__).parents[2]


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the pose model, which also skips the tracking check."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(VARIABLE, raising=False)


def check(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def install(folder: Path, name: str, version: str) -> None:
    """Write the metadata of an installed distribution into a folder of the path."""
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_this_machine_can_run_the_program(tmp_path: Path) -> None:
    """In a process of its own, which shows what native libraries write."""
    provide_model()
    done = run("doctor", "--bundle", "report.zip", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(tmp_path / "report.zip") as bundle:
        checks = [Check(**each) for each in json.loads(bundle.read("doctor.json"))]
    assert "30 computer-drawn frames" in check(checks, "following a person").found
    assert len({check.name for check in checks}) == len(checks) > 8
    for each in checks:
        assert each.ok is not False
        assert each.name in done.stdout
        assert "\n" not in f"{each.found}{each.fix}"
        assert each.found


@pytest.mark.usefixtures("no_model")
def test_missing_model_is_no_fault_and_not_fetched() -> None:
    missing = check(examine(), "pose model")
    assert missing.ok is None
    assert missing.fix is not None
    assert not cache_path().exists()
    cache_path().parent.mkdir(parents=True)
    cache_path().write_bytes(b"damaged")
    assert "damaged" in check(examine(), "pose model").found


@pytest.mark.usefixtures("no_model")
def test_unusable_named_model_is_a_fault(tmp_path: Path) -> None:
    missing = check(examine(tmp_path / "no.task"), "pose model")
    assert missing.ok is False
    assert "no.task" in missing.found


@pytest.mark.usefixtures("no_model")
def test_mediapipe_that_reports_usage_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"mediapipe=={MEDIAPIPE}" in project["dependencies"]
    assert check(examine(), "MediaPipe").ok

    install(tmp_path, "mediapipe", "1.0")
    monkeypatch.syspath_prepend(tmp_path)
    later = check(examine(), "MediaPipe")
    assert later.ok is False
    assert later.found.startswith("1.0")
    assert later.fix is not None
    assert MEDIAPIPE in later.fix


@pytest.mark.usefixtures("no_model")
def test_second_opencv_wheel_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert check(examine(), "OpenCV").ok
    install(tmp_path, "opencv-python", "4.9")
    monkeypatch.syspath_prepend(tmp_path)
    two = check(examine(), "OpenCV")
    assert two.ok is False
    assert "opencv-python 4.9" in two.found
    assert two.fix is not None
    assert "uninstall -y opencv-python " in two.fix


def test_unloadable_opencv_does_not_stop_other_checks(tmp_path: Path) -> None:
    provide_model()
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open')")
    listing = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        "from mirror.cli.doctor import examine\n"
        "for check in examine(): print(check.name, check.ok, check.found, sep='|')"
    )
    command = [sys.executable, "-c", listing]
    lines = subprocess.check_output(command, text=True, cwd=ROOT).splitlines()
    for name in ("OpenCV", "following a person", "cameras"):
        assert f"{name}|False|libGL.so.1: cannot open" in lines
    assert any(line.startswith("recordings|True|") for line in lines)


@pytest.mark.usefixtures("no_model")
def test_recordings_folder_is_writable_or_a_fault(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    assert check(examine(recordings=occupied), "recordings").ok is False
    assert check(examine(recordings=occupied / "deeper"), "recordings").ok is False
    new = check(examine(recordings=tmp_path / "to" / "be" / "made"), "recordings")
    assert new.ok
    assert "hours" in new.found


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.usefixtures("no_model")
def test_display_is_detected_by_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    assert check(examine(), "display").ok is None
    monkeypatch.setenv("DISPLAY", ":7")
    assert check(examine(), "display") == Check("display", True, "DISPLAY=:7")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.usefixtures("no_model")
def test_window_check_opens_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    none = check(examine(), "window")
    assert none.ok is None
    assert "no display" in none.found

    monkeypatch.setenv("DISPLAY", ":7777")
    silent = check(examine(), "window")
    assert silent.ok is False
    assert ":7777" in silent.found
    assert silent.fix is not None
    assert "--no-window" in silent.fix

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    opened = check(examine(), "window")
    assert opened.ok
    assert "offscreen" in opened.found


@pytest.mark.usefixtures("no_model")
def test_unloadable_window_is_a_fault_with_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "PyQt6.py").write_text("raise ImportError('no such thing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":7777")
    window = check(examine(), "window")
    assert window.ok is False
    assert window.found == "ImportError: no such thing"
    assert window.fix is not None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the wheels carry everything")
@pytest.mark.usefixtures("no_model")
def test_missing_sound_is_no_fault_but_has_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.cli.doctor.SOUND", {"libnothing.so.9": "nothing9"})
    sound = check(examine(), "sound")
    assert sound.ok is None
    assert sound.found == "missing: nothing9"
    assert sound.fix == "sudo apt-get install -y nothing9"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the wheels carry everything")
def test_missing_libraries_are_listed_by_package() -> None:
    assert missing_packages({"libc.so.6": "libc6", "libnothing.so.9": "nothing9"}) == ["nothing9"]
    assert missing_packages(ENGINE) == []  # otherwise this module could not be imported
    assert missing_packages({"no.so.1": "one", "no.so.2": "one"}) == ["one"]
    assert set(missing_packages(WINDOW | SOUND)) <= set((WINDOW | SOUND).values())


def test_complete_setup_lists_no_packages() -> None:
    script = ROOT / "mirror" / "_support" / "system_libraries.py"
    assert subprocess.check_output([sys.executable, "-I", str(script)], text=True).strip() == ""


@pytest.mark.usefixtures("no_model")
def test_log_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(logs, "log_path", lambda: tmp_path / "mirror.log")
    monkeypatch.setattr("mirror.cli.doctor.log_path", logs.log_path)
    (tmp_path / "mirror.log").write_text("x" * 100_000)
    assert check(examine(), "log").found == f"{tmp_path / 'mirror.log'} (0.1 MB in 1 files)"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Log of two files, with the checks replaced by two fixed results."""
    file = tmp_path / "log" / "mirror.log"
    file.parent.mkdir()
    file.write_text("newest\n")
    file.with_name("mirror.log.1").write_text("older\n")
    (file.parent / "native.log").write_text("may name sources\n")
    monkeypatch.setattr(logs, "log_path", lambda: file)
    monkeypatch.setattr("mirror.cli.machine.redirect_native_stderr", lambda: None)
    found = [
        Check("Python", True, f"3 ({Path.home()}/bin/python)"),
        Check("cameras", None, "none", "plug one in"),
    ]
    monkeypatch.setattr("mirror.cli.machine.examine", lambda _model: found)
    return file


def test_bundle_contains_listed_files(log: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--bundle", str(tmp_path / "report.zip")])
    assert done.exit_code == 0
    first, *listed = done.stdout.partition("Wrote ")[2].splitlines()
    assert first.endswith("report.zip with:")
    with zipfile.ZipFile(tmp_path / "report.zip") as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert [line.strip() for line in listed] == list(texts)
    assert texts.pop("mirror.log") == "newest\n"
    assert texts.pop("mirror.log.1") == "older\n"
    assert (
        texts.pop("doctor.txt")
        == "works Python: 3 (~/bin/python)\nnote  cameras: none\n      → plug one in\n"
    )
    assert json.loads(texts.pop("doctor.json"))[1] == {
        "name": "cameras",
        "ok": None,
        "found": "none",
        "fix": "plug one in",
    }
    assert Settings.from_dict(json.loads(texts.pop("default-settings.json"))) == Settings()
    about = json.loads(texts.pop("versions.json"))
    assert about["platform"] == platform.platform()
    assert about["versions"]["mediapipe"] == MEDIAPIPE
    assert not texts
    assert stat.S_IMODE((tmp_path / "report.zip").stat().st_mode) == 0o600


def test_bundle_overwrites_nothing_and_explains_failure(log: Path, tmp_path: Path) -> None:
    (tmp_path / "report.zip").write_text("mine")
    for name, words in (
        ("report.zip", "report.zip exists and is not replaced; name another file"),
        ("none/report.zip", "cannot write"),
        ("report.zip/x.zip", "cannot write"),
    ):
        done = CliRunner().invoke(app, ["doctor", "--bundle", str(tmp_path / name)])
        assert isinstance(done.exception, MirrorError)
        assert words in str(done.exception)
        assert "\n" not in str(done.exception)
    assert (tmp_path / "report.zip").read_text() == "mine"


def test_refused_bundle_is_one_line_and_exit_status_1(tmp_path: Path) -> None:
    (tmp_path / "report.zip").touch()
    line = error_line(run_here("doctor", "--bundle", "report.zip", folder=tmp_path))
    assert line == "mirror: report.zip exists and is not replaced; name another file"


def test_slow_computer_is_told_how_many_frames_it_follows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = threading.local()

    class Slow(Waving):
        """A tracker that takes 90 ms of its thread's clock."""

        def __init__(self, _model: Path) -> None: ...

        def __enter__(self) -> Slow:
            return self

        def __exit__(self, *_: object) -> None: ...

        def track(self, frame: Frame) -> Pose:
            own.now = getattr(own, "now", 0.0) + 0.09
            return super().track(frame)

    provide_model()
    monkeypatch.setattr("mirror.capture.tracker.PoseTracker", Slow)
    monkeypatch.setattr(time, "perf_counter", lambda: getattr(own, "now", 0.0))
    slow = check(examine(recordings=tmp_path), "following a person")
    assert slow.ok is None
    assert slow.found.startswith("90 ms a frame")
    assert slow.found.endswith("of two feeds the computer follows 11 of 30 frames/s")
    assert slow.fix is not None
    assert "lower resolution" in slow.fix
