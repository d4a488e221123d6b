"""Opening the window, and the errors if that is not possible."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from mirror.cli import window
from mirror.errors import WindowError
from mirror.session.start import SessionRequest


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Simulate Linux without display variables."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "seen"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "minimal:x"}, False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}, True),
    ],
)
def test_display_needs_a_visible_platform(
    linux: pytest.MonkeyPatch, variables: dict[str, str], seen: bool
) -> None:
    for name, value in variables.items():
        linux.setenv(name, value)
    assert window.has_display() is seen


def test_other_systems_always_have_a_display(linux: pytest.MonkeyPatch) -> None:
    linux.setattr(sys, "platform", "darwin")
    assert window.has_display()
    linux.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not window.has_display()


def test_missing_libraries_are_an_error_before_qt_loads(linux: pytest.MonkeyPatch) -> None:
    linux.setattr(window, "missing_packages", lambda libraries: ["libegl1", "libxcb-cursor0"])
    with pytest.raises(WindowError, match="sudo apt-get install libegl1 libxcb-cursor0"):
        window.open_window()


def test_missing_qt_is_an_error_with_fix(linux: pytest.MonkeyPatch) -> None:
    linux.setattr(window, "missing_packages", lambda libraries: [])
    linux.delitem(sys.modules, "ui.app", raising=False)
    linux.setitem(sys.modules, "PyQt6.QtCore", None)
    linux.setitem(sys.modules, "PyQt6.QtWidgets", None)
    with pytest.raises(WindowError, match=r"python -m pip install PyQt6$"):
        window.open_window()


def test_import_bug_is_not_hidden(linux: pytest.MonkeyPatch) -> None:
    linux.setattr(window, "missing_packages", lambda libraries: [])
    linux.setitem(sys.modules, "ui.app", ModuleType("ui.app"))
    with pytest.raises(ImportError, match="open_window"):
        window.open_window()


@pytest.mark.parametrize("request_", [None, Path("s.mirror"), SessionRequest(a="0", b="1")])
def test_request_is_passed_to_the_window(
    linux: pytest.MonkeyPatch, request_: SessionRequest | Path | None
) -> None:
    requests: list[object] = []
    app = ModuleType("ui.app")
    linux.setattr(app, "open_window", lambda request: requests.append(request) or 3, raising=False)
    linux.setitem(sys.modules, "ui.app", app)
    linux.setattr(window, "missing_packages", lambda libraries: ["libegl1"])
    linux.setenv("WAYLAND_DISPLAY", "wayland-0")  # X11 libraries are not needed on Wayland
    assert window.open_window(request_) == 3
    assert requests == [request_]
