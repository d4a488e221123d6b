"""Check what works on this machine, and how to fix what does not.

The checks are independent, and import what they check only when they run, so that they also work
where OpenCV or MediaPipe cannot be imported.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from importlib import import_module, metadata
from itertools import islice
from pathlib import Path
from typing import Final

from mirror._support.logs import log_files, log_path
from mirror._support.system_libraries import ENGINE, SOUND, WINDOW, missing_packages
from mirror._support.threads import run_in_thread
from mirror.capture.pose_model import cache_path, find_model
from mirror.errors import ModelError
from mirror.landmarks import FEEDS, Model
from mirror.session.watchdog import follows

PYTHON: Final = (3, 11)
MEDIAPIPE: Final = "0.10.33"
OPENCV: Final = "opencv-contrib-python"

_OTHER_WHEELS: Final = ("opencv-python", "opencv-contrib-python-headless", "opencv-python-headless")
_REINSTALL: Final = "make clean, then make demo"
_TRIAL_FRAMES: Final = 30
_TRIAL_SECONDS: Final = 30  # for another process to open a window, or list audio outputs
_FRAME_MS: Final = 1000 / 30  # time per frame of a feed of 30 frames/s
_BYTES_PER_HOUR: Final = 200e6  # of a recording of two feeds at 30 frames/s, generously
_ROOM_HOURS: Final = 2


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check; `ok` is None for what is worth knowing, but no fault."""

    name: str
    ok: bool | None
    found: str
    fix: str | None = None


def examine(override: Path | None = None, recordings: Path = Path("recordings")) -> list[Check]:
    """Check everything the program needs on this machine; nothing is fetched or changed.

    Takes some seconds, because the pose model is run, or the one that overrides it.
    """
    model, found_model = _model(override)
    return [
        _python(),
        Check("operating system", None, platform.platform(terse=True)),
        _libraries("system libraries", ENGINE, if_missing=False),
        _mediapipe(),
        _opencv(),
        _pyav(),
        found_model,
        *([] if model is None else [_landmarker(model)]),
        _cameras(),
        _display(),
        _libraries("window libraries", WINDOW, if_missing=None),
        _window(),
        _sound(),
        _recordings(recordings),
        _log(),
    ]


def _python() -> Check:
    oldest = ".".join(map(str, PYTHON))
    new_enough = sys.version_info >= PYTHON
    fix = None if new_enough else f"install Python {oldest} or newer, then {_REINSTALL}"
    return Check("Python", new_enough, f"{platform.python_version()} ({sys.executable})", fix)


def _mediapipe() -> Check:
    installed = _version("mediapipe")
    if installed == MEDIAPIPE:
        return Check("MediaPipe", True, f"{installed}, which reports no usage to Google")
    other = f"{installed}, not {MEDIAPIPE}; later ones report usage to Google without an opt-out"
    fix = f"python -m pip install mediapipe=={MEDIAPIPE}"
    return Check("MediaPipe", False, other if installed else "not installed", fix)


def _opencv() -> Check:
    wheels = {name: found for name in (OPENCV, *_OTHER_WHEELS) if (found := _version(name))}
    listed = ", ".join(f"{name} {version}" for name, version in wheels.items()) or "not installed"
    if list(wheels) == [OPENCV]:
        fault = _import_fault("mirror._support.opencv")
        return Check("OpenCV", fault is None, fault or listed, fault and _repair())
    # Removing one of two wheels also removes files of the other, so it is reinstalled.
    others = [name for name in wheels if name != OPENCV]
    remove = f"python -m pip uninstall -y {' '.join(others)} && " if others else ""
    found = f"{listed}; two wheels overwrite each other" if len(wheels) > 1 else listed
    fix = f"{remove}python -m pip install --force-reinstall --no-deps {OPENCV}"
    return Check("OpenCV", False, found, fix)


def _pyav() -> Check:
    fault = _import_fault("av")
    return Check("PyAV (video files)", fault is None, fault or _version("av"), fault and _repair())


def _model(override: Path | None) -> tuple[Model | None, Check]:
    name = "pose model"
    try:
        model = find_model(override)
    except ModelError as error:
        return None, Check(name, False, str(error), "name another file, or none")
    if model is not None:
        return model, Check(name, True, f"{model.path} (sha256 {model.sha256[:12]}…)")
    state = "damaged" if cache_path().exists() else "not fetched yet"
    fix = "`mirror demo` fetches it (35 MB, once)"
    return None, Check(name, None, f"{state}: {cache_path()}", fix)


def _landmarker(model: Model) -> Check:
    """Follow two computer-drawn people at once with the pose model, and measure the time."""
    name = "following a person"
    try:
        trials = [run_in_thread(partial(_trial, model), f"trial {feed}") for feed in FEEDS]
        times, found = max(
            (each.result() for each in trials), key=lambda trial: statistics.median(trial[0])
        )
    except (ImportError, OSError, RuntimeError, ValueError, ModelError) as error:
        # What MediaPipe raises if its library or the model cannot be loaded.
        fix = f"{_repair()}; or use an official bundle with --model FILE"
        return Check(name, False, _one_line(error), fix)
    typical = statistics.median(times[1:])  # the first one also loads the networks
    pace = f"{typical:.0f} ms a frame; found in {found} of {len(times)} computer-drawn frames"
    if found < len(times) // 2:
        return Check(name, False, pace, "use an official bundle with --model FILE")
    if typical > _FRAME_MS:
        return Check(
            name,
            None,
            f"{pace}; of two feeds {follows('follows', 1000 / typical, 30)}",
            "use a lower resolution, the official lite bundle with --model FILE, or fewer programs",
        )
    return Check(name, True, f"{pace}; the computer follows two feeds of 30 frames/s")


def _trial(model: Model) -> tuple[list[float], int]:
    """Return the milliseconds of each frame, and in how many a person was found."""
    from mirror.capture.synthetic.demo import demo_source
    from mirror.capture.tracker import PoseTracker

    times, found = [], 0
    with PoseTracker(model.path) as tracker, demo_source("a") as source:
        for frame in islice(source, _TRIAL_FRAMES):
            start = time.perf_counter()
            found += tracker.track(frame).landmarks is not None
            times.append(1000 * (time.perf_counter() - start))
    return times, found


def _cameras() -> Check:
    try:
        from mirror.capture.camera import list_cameras

        cameras = list_cameras()
    except (ImportError, OSError) as error:
        return Check("cameras", False, _one_line(error), _repair())
    if not cameras:
        fix = "plug one in, or use a file, an address or demo:a"
        return Check("cameras", None, "none plugged in", fix)
    listed = ", ".join(map(str, cameras))
    if any(
        Path(camera.path).exists() and not os.access(camera.path, os.R_OK | os.W_OK)
        for camera in cameras
    ):
        fix = "sudo usermod -aG video $USER, then log in again"
        return Check("cameras", False, f"{listed}; this user may not open them all", fix)
    return Check("cameras", True, listed)


def _display() -> Check:
    if sys.platform != "linux":
        return Check("display", True, platform.system())
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if value := os.environ.get(variable):
            return Check("display", True, f"{variable}={value}")
    return Check("display", None, "none; scores are shown in the terminal")


def _libraries(name: str, libraries: dict[str, str], *, if_missing: bool | None) -> Check:
    if missing := missing_packages(libraries):
        return Check(name, if_missing, f"missing: {', '.join(missing)}", _install(missing))
    return Check(name, True, "complete")


# Qt aborts a process in which it cannot open a window, so a child process tries.
_OPEN_A_WINDOW: Final = """
from PyQt6.QtCore import QT_VERSION_STR
from PyQt6.QtWidgets import QApplication
application = QApplication([])
screen = application.primaryScreen()
size = screen.size()
print(f"Qt {QT_VERSION_STR}, {application.platformName()}, {size.width()}×{size.height()}, "
      f"scale {screen.devicePixelRatio():g}")
"""
_LIST_AUDIO: Final = """
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtMultimedia import QMediaDevices
application = QCoreApplication([])
for output in QMediaDevices.audioOutputs():
    print(output.description())
"""


def _window() -> Check:
    if _display().ok is None:
        return Check("window", None, "no display to open it on")
    works, found = _run_script(_OPEN_A_WINDOW)
    if works:
        return Check("window", True, found)
    if missing := missing_packages(WINDOW):
        fix = _install(missing)
    elif found.startswith("qt."):
        fix = "check that the display can be reached from here, or use --no-window"
    else:
        fix = _REINSTALL
    return Check("window", False, found, fix)


def _sound() -> Check:
    libraries = _libraries("sound", SOUND, if_missing=None)
    if not libraries.ok:
        return libraries
    works, found = _run_script(_LIST_AUDIO)
    if works and found:
        return Check("sound", True, found)
    return Check("sound", None, found or "no output; the coach view's tone stays off")


def _run_script(script: str) -> tuple[bool, str]:
    """Run a script in a new Python; return whether it succeeded, and its output in one line."""
    try:
        run = subprocess.run(
            [sys.executable, "-c", script],
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            timeout=_TRIAL_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, _one_line(error)
    if run.returncode == 0:
        return True, ", ".join(run.stdout.splitlines())
    lines = [line for line in run.stderr.splitlines() if line.strip()]
    # Qt prints the reason first, Python last.
    is_traceback = any(line.startswith("Traceback") for line in lines)
    return False, (lines[-1 if is_traceback else 0] if lines else f"exit status {run.returncode}")


def _recordings(folder: Path) -> Check:
    name = "recordings"
    whole = folder.absolute()
    existing = next(place for place in (whole, *whole.parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        other = "name another place with -o, or change it"
        return Check(name, False, f"{whole} cannot be written", other)
    hours = shutil.disk_usage(existing).free / _BYTES_PER_HOUR
    enough = hours >= _ROOM_HOURS
    fix = None if enough else "free some space, or name another place with -o"
    return Check(name, enough, f"{whole}: room for about {hours:,.0f} hours", fix)


def _log() -> Check:
    files = log_files()
    size = sum(file.stat().st_size for file in files)
    return Check("log", None, f"{log_path()} ({size / 1e6:.1f} MB in {len(files)} files)")


def _version(distribution: str) -> str:
    """Return the installed version, or an empty text."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _import_fault(module: str) -> str | None:
    try:
        import_module(module)
    except (ImportError, OSError) as error:
        return _one_line(error)
    return None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _repair() -> str:
    """Return the fix for a part that cannot be loaded."""
    missing = missing_packages(ENGINE)
    return _install(missing) if missing else _REINSTALL


def _install(packages: list[str]) -> str:
    return f"sudo apt-get install -y {' '.join(packages)}"
