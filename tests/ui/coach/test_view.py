from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QImage, QKeySequence
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mirror.summary import sentence
from mirror.timeline import Score, State
from mirror.wording import SCORES
from ui.coach.view import CoachView, short_texts
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme

WIDE = (1600, 900)


def ok(in_phase: float, anti_phase: float = 0.0, **more: float) -> Score:
    known: dict[str, Any] = {
        "coherence": max(in_phase, anti_phase),
        "mirroring": in_phase,
        "lag_s": 0.0,
    } | more
    return Score(1.0, State.OK, in_phase, anti_phase, **known)


IN_PHASE, ANTI_PHASE, APART = ok(0.8), ok(0.0, 0.75), ok(0.2)


@pytest.fixture
def view(qtbot: QtBot, keys: Keys) -> CoachView:
    theme().choose("light")
    coach = CoachView(keys)
    qtbot.addWidget(coach)
    coach.resize(*WIDE)
    return coach


def pixels(view: CoachView) -> NDArray[np.uint8]:
    """Return the rendered view [y, x, rgb]."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8)
    rows = rows.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    return rows.reshape(image.height(), image.width(), 3)


def near(seen: NDArray[np.uint8], colour: str) -> NDArray[np.bool_]:
    wanted = QColor(colour)
    rgb = np.array([wanted.red(), wanted.green(), wanted.blue()])
    low, high = (np.clip(rgb + each, 0, 255).astype(np.uint8) for each in (-11, 11))
    return np.asarray(((seen >= low) & (seen <= high)).all(axis=2))


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (None, ("No score", "")),
        (IN_PHASE, ("In phase", "")),
        (ok(0.8, lag_s=0.42, mirroring=0.9), ("In phase", "Ben follows 0.4 s")),
        (ok(0.8, lag_s=-0.42, mirroring=0.9), ("In phase", "Anna follows 0.4 s")),
        (ok(0.2, lag_s=1.2, mirroring=0.8), ("Ben follows", "1.2 s")),
        (ok(0.2, lag_s=1.2, mirroring=0.3), ("Not together", "")),
        (ANTI_PHASE, ("Anti-phase", "")),
        (ok(0.1, coherence=0.8), ("At another phase", "")),
        (APART, ("Not together", "")),
        (Score(1.0, State.STILL), ("Too still", "")),
        (Score(1.0, State.WARMING_UP), ("Warming up", "")),
        (Score(1.0, State.GAP), ("Too few frames", "")),
        (Score(1.0, State.NO_PERSON_A), ("Anna is not seen", "clearly")),
        (Score(1.0, State.NO_PERSON_B), ("Ben is not seen", "clearly")),
    ],
)
def test_short_texts(view: CoachView, score: Score | None, words: tuple[str, str]) -> None:
    view.set_names("Anna", "Ben")
    view.show_score(score)
    assert view.texts == words
    assert view.accessibleDescription() == ", ".join(word for word in words if word)


def test_short_texts_agree_with_sentence() -> None:
    rng = np.random.default_rng(5)
    said = set()
    for _ in range(500):
        c, mirroring, lag = rng.uniform(-1, 1), rng.uniform(0, 1), rng.uniform(-1, 1)
        score = ok(
            max(0.0, c),
            max(0.0, -c),
            coherence=max(abs(c), rng.uniform(0, 1)),
            mirroring=mirroring,
            lag_s=lag,
            **{f"chance_{name}": rng.choice([0.3, 0.7, np.nan]) for name in SCORES},
        )
        short, long = " ".join(short_texts(score)), sentence(score)
        said.add(short_texts(score)[0])
        for who in ("A follows", "B follows"):
            assert (who in short) == (who in long)
        for brief, whole in (
            ("In phase", "In phase"),
            ("Anti-phase", "In anti-phase"),
            ("At another phase", "at another phase"),
            ("Not together", "not together"),
            ("As by chance", "by chance"),
        ):
            assert (brief in short) == (whole in long)
    assert {
        "In phase",
        "Anti-phase",
        "At another phase",
        "Not together",
        "As by chance",
        "A follows",
        "B follows",
    } == said


@pytest.mark.parametrize("kind", ["in_phase", "anti_phase", "mirroring"])
def test_chosen_meter_grows_with_its_score(view: CoachView, kind: str) -> None:
    view.meters.show_kinds(kind)
    others = {"in_phase", "anti_phase", "mirroring"} - {kind}
    tall = []
    for strength in (0.3, 0.6, 0.9):
        more: dict[str, Any] = {kind: strength}
        view.show_score(Score(1.0, State.OK, coherence=1.0, lag_s=0.0, **more))
        seen = pixels(view)[round(0.45 * WIDE[1]) :]  # below title and number
        tall.append(int(near(seen, getattr(theme().palette, kind)).any(axis=1).sum()))
        for other in others:
            assert not near(seen, getattr(theme().palette, other)).any()
    assert tall[0] < tall[1] <= tall[2]
    assert tall[2] > 0.3 * WIDE[1]


@pytest.mark.parametrize("score", [None, Score(1.0, State.STILL), Score(1.0, State.NO_PERSON_A)])
def test_undefined_is_dashed_unlike_zero(view: CoachView, score: Score | None) -> None:
    view.show_score(ok(0.0))
    assert view.meters.accessibleDescription() == "Mirroring 0.00"
    zero = near(pixels(view), theme().palette.outline).sum()
    view.show_score(score)
    assert view.meters.accessibleDescription() == "Mirroring –"
    assert near(pixels(view), theme().palette.outline).sum() < 0.9 * zero


def height_of_capital(view: CoachView) -> float:
    """Return the height of the first line's capitals, pixels."""
    seen = near(pixels(view), theme().palette.text)
    words = seen[:, int(0.46 * view.height()) :]  # beside the meters
    inked = words.any(axis=1)
    first = int(np.flatnonzero(inked)[0])
    letter = words[first:]
    # The first letter of the line is its leftmost ink, up to the first empty column.
    line = letter[: int(np.flatnonzero(~letter.any(axis=1))[0])]
    columns = np.asarray(line.any(axis=0))
    left = int(np.flatnonzero(columns)[0])
    right = left + int(np.flatnonzero(~columns[left:])[0])
    rows = np.flatnonzero(line[:, left:right].any(axis=1))
    return float(rows[-1] - rows[0] + 1)


@pytest.mark.parametrize(
    ("score", "size"),
    [
        *((IN_PHASE, size) for size in (WIDE, (1280, 800), (1024, 768), (2560, 1080))),
        (ANTI_PHASE, WIDE),
        (APART, WIDE),
        (ok(0.1, coherence=0.8), WIDE),
        (ok(0.2, lag_s=1.2, mirroring=0.8), WIDE),
        (Score(1.0, State.STILL), WIDE),
        *((Score(1.0, State.NO_PERSON_B), size) for size in (WIDE, (1024, 768), (2560, 1080))),
    ],
)
def test_main_words_are_a_twelfth_of_the_screen(
    view: CoachView, score: Score, size: tuple[int, int]
) -> None:
    view.resize(*size)
    view.set_names("Anna", "Bartholomew-Maximilian")
    view.show_score(score)
    assert height_of_capital(view) >= view.height() / 12 - 1


@pytest.mark.parametrize(
    ("score", "size"),
    [
        *((Score(1.0, State.GAP), size) for size in (WIDE, (1280, 720), (1024, 768), (900, 1600))),
        *((APART, size) for size in (WIDE, (1024, 768), (900, 1600))),
        *((score, WIDE) for score in (None, IN_PHASE, ANTI_PHASE, Score(1.0, State.STILL))),
    ],
)
def test_fixed_texts_are_not_elided(
    view: CoachView, score: Score | None, size: tuple[int, int]
) -> None:
    view.resize(*size)
    view.show_score(score)
    width, height = size
    seen = near(pixels(view), theme().palette.text)
    words = seen[:, int(0.46 * height) :] if width > height else seen[int(0.64 * height) :]
    end = np.flatnonzero(words.any(axis=0))[-1]
    # An ellipsis ends in a dot; a word ends in a letter, which is higher.
    letter = np.flatnonzero(words[:, end - round(0.05 * min(size)) :].any(axis=1))
    assert letter[-1] - letter[0] > 0.05 * min(size)


@pytest.mark.parametrize("size", [(640, 480), WIDE, (900, 1600)])
def test_words_keep_clear_of_edges(view: CoachView, size: tuple[int, int]) -> None:
    view.resize(*size)
    view.set_names("A" * 60, "Wilhelmina Alexandra Theodora")
    ground = theme().palette.background
    for score in (
        IN_PHASE,
        ANTI_PHASE,
        Score(1.0, State.NO_PERSON_A),
        ok(0.2, lag_s=1, mirroring=1),
    ):
        view.show_score(score)
        empty = near(pixels(view), ground)
        assert empty[:4].all()
        assert empty[-4:].all()
        assert empty[:, -4:].all()


def test_exercise_is_shown_with_its_cue_and_time(view: CoachView) -> None:
    view.show_score(IN_PHASE)
    view.show_practice("Ben mirrors Anna", "Be my mirror, 12 s left")
    assert view.texts == ("Ben mirrors Anna", "Be my mirror, 12 s left")
    assert view.accessibleDescription() == "Ben mirrors Anna, Be my mirror, 12 s left"
    view.show_practice("", "Rest")
    assert view.texts == ("In phase", "Rest")
    view.show_text("Paused")
    assert view.texts == ("Paused", "")
    view.show_practice("", "")
    view.show_score(IN_PHASE)
    assert view.texts == ("In phase", "")


def test_view_says_how_to_leave(view: CoachView) -> None:
    bottom = near(pixels(view), theme().palette.dim_text)[-50:, WIDE[0] // 2 :]
    assert bottom.any()


def test_follows_theme(view: CoachView) -> None:
    view.show_score(IN_PHASE)
    theme().choose("dark")
    assert near(pixels(view), theme().palette.background).mean() > 0.4
    assert near(pixels(view), theme().palette.mirroring).any()
    theme().choose("light")


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_F11])
def test_escape_and_shortcut_close_view(qtbot: QtBot, view: CoachView, key: Qt.Key) -> None:
    with qtbot.waitActive(view):
        view.showFullScreen()
    qtbot.keyClick(view, key)
    qtbot.waitUntil(view.isHidden, timeout=10_000)


def test_rebound_shortcut_closes_view(qtbot: QtBot, view: CoachView, keys: Keys) -> None:
    keys.rebind("coach view", [QKeySequence("Ctrl+B")])
    with qtbot.waitActive(view):
        view.showFullScreen()
    qtbot.keyClick(view, Qt.Key.Key_F11)
    assert view.isVisible()
    qtbot.keyClick(view, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(view.isHidden, timeout=10_000)


def test_other_keys_keep_view_open(qtbot: QtBot, view: CoachView) -> None:
    with qtbot.waitActive(view):
        view.showFullScreen()
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert view.isVisible()


def test_fills_screen_without_pointer(qtbot: QtBot, view: CoachView) -> None:
    with qtbot.waitExposed(view):
        view.showFullScreen()
    screen = view.screen()
    assert screen is not None
    assert view.isFullScreen()
    assert view.geometry() == screen.geometry()
    assert view.cursor().shape() == Qt.CursorShape.BlankCursor


def test_is_a_window_closed_with_its_page(qtbot: QtBot, keys: Keys) -> None:
    page = QWidget()
    view = CoachView(keys, page)
    assert view.isWindow()
    with qtbot.waitSignal(view.destroyed, timeout=10_000):
        page.deleteLater()


ON_ITS_SCREEN = """
import sys
import mirror._support.opencv
from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMainWindow, QWidget
from ui.shell.preferences import Preferences
from ui.coach.view import CoachView
from ui.shell.shortcuts import Keys

application = QApplication([])
window, page = QMainWindow(), QWidget()
window.setCentralWidget(page)
window.show()
view = CoachView(Keys(Preferences(QSettings(sys.argv[1], QSettings.Format.IniFormat))), page)
for x in (1000, 100, 1000):
    window.setGeometry(x, 100, 400, 300)
    application.processEvents()
    view.showFullScreen()
    application.processEvents()
    print(view.screen().name(), view.geometry().getRect())
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left) if x == 100 else ():
        QTest.keyClick(view, key)
        print(view.screen().name(), view.geometry().getRect())
    view.close()
"""


def test_opens_beside_the_window_on_the_other_screen(tmp_path: Path) -> None:
    """Needs a new process, as Qt's screens are fixed when it starts."""
    common = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = [
        {"name": "left", "x": 0, "y": 0, "width": 800, "height": 600, **common},
        {"name": "right", "x": 800, "y": 0, "width": 1280, "height": 720, **common},
    ]
    configuration = tmp_path / "screens.json"
    configuration.write_text(json.dumps({"screens": screens}), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", ON_ITS_SCREEN, str(tmp_path / "preferences.ini")],
        check=False,
        capture_output=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[3],
        env=os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={configuration}"},
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    right, left = "right (800, 0, 1280, 720)", "left (0, 0, 800, 600)"
    assert run.stdout.splitlines() == [left, right, left, right, left]


@pytest.mark.parametrize("size", [WIDE, WIDE[::-1]])
def test_what_to_copy_is_shown_above_the_words(view: CoachView, size: tuple[int, int]) -> None:
    view.resize(*size)
    image = np.full((60, 80, 3), (250, 0, 250), np.uint8)
    view.show_practice("Anna holds poses, Ben copies them", "Round 1 of 3, 40 s left", image)
    seen = near(pixels(view), "#fa00fa")
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert len(columns) / len(rows) == pytest.approx(4 / 3, rel=0.02)
    assert seen.mean() > 0.04
    left = view.meters.geometry().right() if size == WIDE else 0
    assert columns.mean() == pytest.approx((left + view.width()) / 2, abs=3)  # as the words
    assert seen[rows[0] : rows[-1], columns[0] : columns[-1]].all()  # no word is over it
    view.show_practice("", "")
    assert not near(pixels(view), "#fa00fa").any()
