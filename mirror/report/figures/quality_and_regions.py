"""Figures of body regions and of the quality of the feeds."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from mirror._support.numeric import finite_mean
from mirror.analysis.shared_rhythms import SharedRhythms
from mirror.landmarks import Feed
from mirror.report.document import Data, Figure
from mirror.report.facts import FeedQuality, SessionFacts
from mirror.report.figures.timeline import label_times, name_times
from mirror.report.svg import BLUE, GREY, INK, LINE, ORANGE, Canvas, draw_figure
from mirror.timeline import REGIONS, State
from mirror.timeline_bins import Bins, Floats, bin_rows
from mirror.wording import number, percent, plain_name

_SCORES: Final = ("in_phase", "anti_phase", "coherence")
_MAX_POINTS: Final = 400
_MIN_BIN_S: Final = 1.0  # for frames per second


def regions_figure(facts: SessionFacts, rhythms: SharedRhythms) -> Figure | None:
    """Draw the mean scores of each body region; None if no region was ever scored."""
    scored = facts.timeline.state == State.OK
    means = {
        (score, region): finite_mean(facts.timeline[f"{score}_{region}"][scored])
        for region in REGIONS
        for score in _SCORES
    }
    if not any(map(math.isfinite, means.values())):
        return None
    chance = {
        key: math.nan if (test := rhythms.test(*key)) is None else test.null_mean for key in means
    }

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        for row, region in enumerate(REGIONS):
            if not math.isfinite(means["coherence", region]):
                axes.text(0.03, row, "not seen", va="center", color=GREY)
                continue
            for score, sign, colour in (("in_phase", 1, BLUE), ("anti_phase", -1, ORANGE)):
                axes.barh(row, sign * means[score, region], height=0.56, color=colour, alpha=0.75)
                level, edges = sign * chance[score, region], (row - 0.4, row + 0.4)
                if math.isfinite(level):
                    axes.plot([level, level], edges, color=INK, dashes=(4, 2), linewidth=1.2)
            axes.plot(means["coherence", region], row, "D", color=INK, markerfacecolor="none")
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.set_yticks(range(len(REGIONS)), [plain_name(region) for region in REGIONS])
        axes.set_ylim(len(REGIONS) - 0.4, -0.6)
        axes.set_xlim(-1.02, 1.02)
        axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["1", ".5", "0", ".5", "1"])
        axes.set_xlabel("anti-phase  ←   mean score   →  in phase")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color=LINE)
        axes.set_axisbelow(True)

    notes = "The recording is too short for a chance level. "
    if rhythms.tests:
        notes = "Dashed: the mean of windows from different times. "
    a, b = facts.names
    if facts.settings.mapping == "mirror":
        notes += f"Sides are those of {a}; {b} is compared with the other side. "
    return draw_figure(
        "Body regions",
        f"Mean scores of each region, in phase to the right, anti-phase to the left; the diamond "
        f"is coherence. {notes}",
        "; ".join(
            f"{plain_name(region)}: "
            + ", ".join(f"{plain_name(score)} {number(means[score, region])}" for score in _SCORES)
            for region in REGIONS
        )
        + ".",
        (9.4, 2.9),
        draw,
        narrow=(4.1, 3.2),
        data=Data(
            "regions.csv",
            ("region", *_SCORES, *(f"chance_{score}" for score in _SCORES)),
            [
                (region, *(of[score, region] for of in (means, chance) for score in _SCORES))
                for region in REGIONS
            ],
        ),
    )


def quality_figure(facts: SessionFacts, feeds: Mapping[Feed, FeedQuality]) -> Figure:
    """Draw the tracked share and frames per second over time."""
    time = facts.timeline.time_s
    length = float(time[-1] - time[0])
    bins = bin_rows(facts.timeline, max(1, min(_MAX_POINTS, math.floor(length / _MIN_BIN_S))))
    tracked = {feed: bins.mean(facts.timeline[f"tracked_{feed}"]).tolist() for feed in feeds}
    rates = {feed: _rates(bins, each).tolist() for feed, each in feeds.items()}
    names: dict[Feed, str] = {"a": facts.names[0], "b": facts.names[1]}

    def draw(canvas: Canvas) -> None:
        above, below = canvas.subplots(2, 1, sharex=True)
        for axes, values in ((above, tracked), (below, rates)):
            for (feed, each), width, colour in zip(
                values.items(), (2.6, 1.0), (GREY, INK), strict=True
            ):
                where, height = bins.curve(np.array(each))
                axes.plot(where, height, linewidth=width, color=colour, label=names[feed])
        above.set_ylim(-0.04, 1.08)
        above.set_yticks([0, 0.5, 1], ["0", "50", "100"])
        above.set_ylabel("tracked (%)")
        above.legend(loc="lower left", bbox_to_anchor=(0.0, 1.02), ncols=2, borderaxespad=0.0)
        below.set_ylim(bottom=0)
        below.set_ylabel("frames/s")
        below.set_xlim(float(bins.edges[0, 0]), float(bins.edges[-1, 1]))
        label_times(below)
        name_times(below)

    return draw_figure(
        "Tracking and frames per second",
        f"Thick and grey: {names['a']}; thin and dark: {names['b']}. Above, the share of the "
        "window in which the person was tracked; below, the frames per second.",
        "; ".join(
            f"{names[feed]}: tracked {percent(finite_mean(facts.timeline[f'tracked_{feed}']))} of "
            f"the time, {number(each.rate, 1)} frames per second"
            for feed, each in feeds.items()
        )
        + ".",
        (9.4, 2.9),
        draw,
        narrow=(4.1, 3.2),
        data=Data(
            "quality.csv",
            ("time_s", "tracked_a", "tracked_b", "pictures_per_s_a", "pictures_per_s_b"),
            list(zip(bins.middle.tolist(), *tracked.values(), *rates.values(), strict=True)),
        ),
    )


def _rates(bins: Bins, feed: FeedQuality) -> Floats:
    """Return frames per second in each column; a frame across a boundary counts by its parts."""
    if len(feed.times) < 2:
        return np.zeros(len(bins.edges))
    # The last frame has the median duration.
    ends = np.append(feed.times, feed.times[-1] + 1.0 / feed.rate)
    count = np.interp(bins.edges, ends, np.arange(len(ends)))
    rates: Floats = np.diff(count, axis=1)[:, 0] / np.diff(bins.edges, axis=1)[:, 0]
    return rates
