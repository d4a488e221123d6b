"""Names in any script: a system font draws the letters that the default font lacks."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest

from mirror.export.film import lettering
from mirror.export.film.layout import Box
from tests.support.fonts import make_font

OURS = string.ascii_letters + string.digits + " .,:+-—…°"
NAME = "王"
BOX = Box(0, 0, 200, 40)


def written(text: str) -> np.ndarray:
    image = np.zeros((BOX.height, BOX.width, 3), np.uint8)
    lettering.write(image, BOX, text, 20, (255, 255, 255))
    return image[..., 0]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    """Set the fonts that the system has."""

    def say(*paths: str) -> None:
        lettering._system_font.cache_clear()  # noqa: SLF001
        monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", lambda: list(paths))

    yield say
    lettering._system_font.cache_clear()  # noqa: SLF001


def test_system_font_draws_letters_missing_in_the_default_font(tmp_path: Path, installed) -> None:
    installed()
    nothing = written(NAME)
    without = make_font(tmp_path / "a.ttf", OURS, share=0.2)
    only = make_font(tmp_path / "b.ttf", NAME, share=0.4)
    whole = make_font(tmp_path / "c.ttf", OURS + NAME, share=0.6)
    broken = tmp_path / "aa.ttf"
    broken.write_bytes(b"no typeface")
    installed(str(broken), whole, only, without)
    image = written(NAME)
    assert (image != nothing).any()
    rows = np.flatnonzero(image.max(axis=1) > 128)
    assert len(rows) == pytest.approx(0.6 * 20, abs=1)
    assert lettering.font(f"In phase — {NAME} follows", 20).path == whole


def test_default_font_draws_all_letters_that_it_has(tmp_path: Path, installed) -> None:
    installed()
    before = [written(text) for text in ("Anna", "Žofie", "Ελένη", "Ольга", "ليلى")]
    installed(make_font(tmp_path / "c.ttf", OURS + NAME, share=0.6))
    after = [written(text) for text in ("Anna", "Žofie", "Ελένη", "Ольга", "ليلى")]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_prefers_a_bold_system_font_for_bold_text(tmp_path: Path, installed) -> None:
    light = make_font(tmp_path / "a-regular.ttf", OURS + NAME, share=0.6)
    bold = make_font(tmp_path / "b-bold.ttf", OURS + NAME, share=0.8)
    installed(light, bold)
    assert lettering.font(NAME, 20).path == light
    assert lettering.font(NAME, 20, bold=True).path == bold
    installed(light)
    assert lettering.font(NAME, 20, bold=True).path == light


def test_ignores_placeholder_fonts(tmp_path: Path, installed) -> None:
    installed(make_font(tmp_path / "LastResort.ttf", OURS + NAME, share=0.6))
    assert lettering.font(NAME, 20).path == lettering.font("Anna", 20).path


def test_long_name_is_elided_in_its_own_font(tmp_path: Path, installed) -> None:
    installed(make_font(tmp_path / "c.ttf", OURS + NAME, share=0.6))
    cut = lettering.elide(NAME * 50, 200, 20)
    assert cut.startswith(NAME)
    assert cut.endswith("…")
    assert lettering.font(cut, 20).getlength(cut) <= 200


def test_names_that_no_single_font_covers_are_drawn_in_parts(tmp_path: Path, installed) -> None:
    installed()
    boxes = written("王ก")
    one = make_font(tmp_path / "a.ttf", "王", share=0.3)
    other = make_font(tmp_path / "b.ttf", "ก", share=0.6)
    installed(one, other)
    image = written("王ก")
    assert (image != boxes).any()
    heights = [int((image[:, x] > 128).sum()) for x in (10, 30)]
    assert heights == [pytest.approx(6, abs=1), pytest.approx(12, abs=1)]
    whole = written("Anna — 王ก")
    assert (whole[:, :40] == written("Anna —")[:, :40]).all()
    assert lettering.elide("王ก" * 20, 200, 20).endswith("…")
