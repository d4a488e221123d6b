from __future__ import annotations

import pytest

from mirror.cli import meter
from mirror.colours import BLACK, DARK, LIGHT, PEOPLE, mix, rgb
from mirror.export.film.layout import COLOURS, PERSON_COLOURS
from mirror.report import svg
from mirror.report.html import STYLE


@pytest.mark.parametrize("score", ["in_phase", "anti_phase"])
def test_score_has_one_colour_in_window_film_report_and_terminal(score: str) -> None:
    palette = pytest.importorskip("ui.shell.palette")
    dark, light = DARK[score], LIGHT[score]
    assert getattr(palette.DARK, score) == dark
    assert COLOURS[score] == rgb(dark)
    assert getattr(meter, score.upper()) == dark
    assert getattr(palette.LIGHT, score) == light
    assert {"in_phase": svg.BLUE, "anti_phase": svg.ORANGE}[score] == light
    assert f"--{score}: {light};" in STYLE
    assert f"--{score}: {dark};" in STYLE


def test_person_has_one_colour_in_window_and_film() -> None:
    palette = pytest.importorskip("ui.shell.palette")
    for feed, colour in PEOPLE.items():
        assert getattr(palette.DARK, f"person_{feed}") == colour
        assert getattr(palette.LIGHT, f"person_{feed}") == colour
        assert PERSON_COLOURS[feed] == rgb(colour)


def test_unscored_stretch_has_one_colour_in_window_and_film() -> None:
    palette = pytest.importorskip("ui.shell.palette")
    assert COLOURS["untracked_shade"] == rgb(palette.DARK.untracked_shade)
    assert COLOURS["chance"] == rgb(palette.DARK.chance)


def test_mix_goes_from_one_colour_to_the_other() -> None:
    assert rgb("#14a074") == (20, 160, 116)
    assert mix((20, 160, 116), BLACK, 0.0) == (20, 160, 116)
    assert mix((20, 160, 116), BLACK, 0.5) == (10, 80, 58)
    assert mix((20, 160, 116), BLACK, 1.0) == BLACK
