"""Figures of relative phase, lag, and coherence by frequency."""

import textwrap
from typing import Final

import numpy as np

from mirror.analysis.relative_phase import CoherenceSpectrum, PhaseDistribution, scored_within
from mirror.colours import LIGHT
from mirror.report.document import Data, Figure
from mirror.report.facts import SessionFacts
from mirror.report.figures.timeline import MAX_POINTS, label_times, name_times
from mirror.report.svg import BLUE, GREY, INK, LINE, ORANGE, Canvas, PolarAxes, draw_figure
from mirror.settings import Settings
from mirror.summary import NO_LAG
from mirror.timeline_bins import bin_rows, lags
from mirror.wording import number, p_statement, percent, signed

_SECTOR_DEG: Final = 20.0
_EDGES: Final = np.arange(-180.0, 181.0, _SECTOR_DEG)
_NEAR_DEG: Final = 60.0  # of fully coherent movement, Re C ≥ ½ within this distance of 0° (of 180°)

_MAX_NAME: Final = 24
_LINE_CHARS: Final = 12  # of names beside the circle


def phase_figure(facts: SessionFacts, settings: Settings, phases: PhaseDistribution) -> Figure:
    """Draw the distribution of relative phase around the circle."""
    rows = scored_within(facts.timeline, settings, facts.span.start, facts.span.end)
    counts, _ = np.histogram(facts.timeline.relative_phase_deg[rows], _EDGES)
    share = counts / counts.sum()
    middles = (_EDGES[:-1] + _EDGES[1:]) / 2
    columns = _EDGES[:-1], _EDGES[1:], counts, share

    def draw(canvas: Canvas) -> None:
        axes: PolarAxes = canvas.add_subplot(projection="polar")  # type: ignore[assignment]
        axes.set_theta_zero_location("N")
        axes.set_theta_direction(-1)
        held = np.flatnonzero(counts)
        colours = [
            BLUE if abs(each) < _NEAR_DEG else ORANGE if abs(each) > 180 - _NEAR_DEG else GREY
            for each in middles[held]
        ]
        top = 1.1 * max(float(share.max()), 1 / len(share))
        axes.bar(
            np.radians(middles[held]),
            share[held],
            width=np.radians(_SECTOR_DEG),
            color=colours,
            alpha=0.75,
            edgecolor=LIGHT["paper"],
            linewidth=0.8,
        )
        circle = np.radians(np.arange(0, 361, 5))
        axes.plot(circle, np.full(len(circle), 1 / len(share)), color=INK, lw=0.8, dashes=(4, 2))
        if np.isfinite(phases.mean_deg):
            mean = np.radians(phases.mean_deg)
            axes.plot([mean, mean], [0, phases.resultant * top], color=INK, linewidth=2.2)
        axes.set_ylim(0, top)
        step = next(each for each in (0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if top / each <= 4.5)
        rings = np.arange(step, top, step)
        # Their labels are in the direction with the fewest rows.
        between = np.arange(-170.0, 180.0, _SECTOR_DEG)
        free = [at for at in range(len(share)) if abs(abs(between[at]) - 90) > _SECTOR_DEG]
        emptiest = float(between[min(free, key=lambda at: share[at - 1] + share[at])])
        axes.set_rgrids(rings.tolist(), [f"{100 * r:.0f} %" for r in rings], angle=emptiest)
        axes.set_thetagrids(
            range(0, 360, 45), ["0°", "45°", "", "135°", "180°", "−135°", "", "−45°"]
        )
        axes.tick_params(axis="x", pad=6)
        _name_sides(axes, facts.names, top)
        axes.grid(color=LINE, linewidth=0.8)
        axes.spines["polar"].set_color(GREY)

    return draw_figure(
        "Relative phase",
        f"Each sector is the share of the scored rows within {_SECTOR_DEG:g}°: 0° is in phase, "
        f"180° anti-phase; to the right {facts.names[0]} is ahead, to the left {facts.names[1]}. "
        "The dashed circle is a uniform distribution. The thick line points to the circular mean; "
        "its length is the resultant length (to the rim: always the same phase).",
        f"{describe_phase(phases)} By sector: "
        + "; ".join(
            f"{low:.0f} to {high:.0f}° {percent(each)}"
            for low, high, each in zip(_EDGES[:-1], _EDGES[1:], share, strict=True)
        )
        + ".",
        (4.6, 4.2),
        draw,
        data=Data(
            "relative-phase.csv",
            ("from_deg", "to_deg", "rows", "share"),
            list(zip(*(each.tolist() for each in columns), strict=True)),
        ),
    )


def _name_sides(axes: PolarAxes, names: tuple[str, str], top: float) -> None:
    """Write who is ahead on the circle's right and left, in short lines beside it."""
    for name, angle, side, degrees in zip(
        names, (90, -90), ("left", "right"), ("90°", "−90°"), strict=True
    ):
        axes.annotate(
            f"{degrees}\n{textwrap.fill(_short(name), _LINE_CHARS)}\nahead",
            (np.radians(angle), top),
            (8 if side == "left" else -8, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            annotation_clip=False,
        )


def describe_phase(phases: PhaseDistribution) -> str:
    """Return the distribution's figures in a sentence."""
    return (
        f"Circular mean {signed(phases.mean_deg, 0)}°, resultant length "
        f"{number(phases.resultant)}, from {phases.rows} rows; Rayleigh test on "
        f"{phases.independent} of them that are a whole window apart: "
        f"{p_statement(phases.rayleigh_p)}."
    )


def lag_figure(facts: SessionFacts) -> Figure | None:
    """Draw the lag over time; None if no row has one."""
    known = lags(facts.timeline)
    if not np.isfinite(known).any():
        return None
    bins = bin_rows(facts.timeline, MAX_POINTS)
    lag = bins.median(known)
    a, b = map(_short, facts.names)
    reach = max(facts.settings.max_lag, float(np.nanmax(np.abs(lag)))) or 1.0

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.axhspan(-NO_LAG, NO_LAG, color=LIGHT["still_shade"], linewidth=0, zorder=0)
        axes.axhline(0, color=GREY, linewidth=0.8)
        for mark, at in ("^", lag > NO_LAG), ("o", np.abs(lag) <= NO_LAG), ("v", lag < -NO_LAG):
            axes.plot(bins.middle[at], lag[at], mark, color=INK, markersize=2.8)
        axes.set_ylim(-1.05 * reach, 1.05 * reach)
        axes.set_xlim(float(bins.edges[0, 0]), float(bins.edges[-1, 1]))
        label_times(axes)
        for text, place, side in ((f"{a} ahead", 0.99, "top"), (f"{b} ahead", 0.01, "bottom")):
            axes.text(
                *(0.005, place, text),
                transform=axes.transAxes,
                va=side,
                color=LIGHT["dim_text"],
                bbox={"facecolor": LIGHT["paper"], "edgecolor": "none", "alpha": 0.85, "pad": 1.0},
                zorder=3,
            )
        axes.set_ylabel("lag (s)")
        name_times(axes)

    return draw_figure(
        "Lag: who leads",
        f"Above 0, {facts.names[1]} follows {facts.names[0]}; below, "
        f"{facts.names[0]} follows {facts.names[1]}; within the band ({NO_LAG:g} s) they are "
        "together. Only times with a clear lag have a point"
        f"{'' if bins.are_rows else ', the median of its rows'}.",
        facts.lag_text,
        (9.4, 2.6),
        draw,
        narrow=(4.1, 2.8),
        data=Data(
            "lag.csv",
            ("time_s", "lag_s"),
            np.column_stack([bins.middle, lag])[np.isfinite(lag)].tolist(),
        ),
    )


def spectrum_figure(spectrum: CoherenceSpectrum) -> Figure:
    """Draw coherence by frequency, with its chance level."""
    is_chance_known = not np.isnan(spectrum.chance).all()

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        if is_chance_known:
            axes.fill_between(
                spectrum.frequency, 0, spectrum.chance, color=LIGHT["untracked_shade"], linewidth=0
            )
            axes.plot(spectrum.frequency, spectrum.chance, color=INK, lw=0.8, dashes=(4, 2))
        axes.plot(spectrum.frequency, spectrum.coherence, color=INK, linewidth=1.8)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(float(spectrum.frequency[0]), float(spectrum.frequency[-1]))
        axes.set_xlabel("frequency (Hz)")
        axes.set_ylabel("coherence")

    chance = (
        "The shaded area is the chance level: the 95th percentile of the same windows, shifted "
        "against each other."
        if is_chance_known
        else "The session is too short for a chance level, and coherence from few windows is high."
    )
    best, above = int(np.nanargmax(spectrum.coherence)), spectrum.coherence > spectrum.chance
    columns = ("frequency", "coherence", "chance", "phase_deg", "power_a", "power_b")
    return draw_figure(
        "Coherence by frequency",
        f"Rhythms that both share, averaged over {spectrum.windows} windows that overlap by half. "
        f"{chance}",
        f"Highest at {spectrum.frequency[best]:.2f} Hz: {number(spectrum.coherence[best])}, "
        f"relative phase {signed(spectrum.phase_deg[best], 0)}°."
        + (f" Above chance at {above.sum()} of {len(above)} frequencies." * is_chance_known),
        (4.6, 3.4),
        draw,
        data=Data(
            "coherence.csv",
            ("frequency_hz", *columns[1:]),
            list(zip(*(getattr(spectrum, name).tolist() for name in columns), strict=True)),
        ),
    )


def _short(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"
