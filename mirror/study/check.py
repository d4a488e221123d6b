"""Whether every dyad of a study can be scored, before the long run."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

from mirror.capture import Source, open_pair, open_source, parse
from mirror.capture.address import with_parts
from mirror.clocks.videos import note_offset
from mirror.errors import MirrorError
from mirror.recording.reader import Recording
from mirror.settings import Settings
from mirror.study.table import Dyad, Study

_MOMENTS: Final = (0.25, 0.5, 0.75)  # of a video, where people are looked for
_UNEQUAL_S: Final = 10.0  # lengths of A and B may differ by this


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a row.

    Attributes
    ----------
    id : str
    seconds : (float, float)
        Lengths of A and B; NaN if unknown.
    people : (float, float)
        Share of the frames looked at in which A and B were found, 0…1; NaN if none was looked at.
    problems : tuple of str
        What is wrong, a line each.
    """

    id: str
    seconds: tuple[float, float] = (math.nan, math.nan)
    people: tuple[float, float] = (math.nan, math.nan)
    problems: tuple[str, ...] = ()


def check(study: Study, settings: Settings, done: Callable[[int], None]) -> list[Checked]:
    """Check all rows, as many at once as there are cores; `done` is called with the number."""
    number = count(1)

    def one(dyad: Dyad) -> Checked:
        try:
            dyad.settings_over(settings)
            found = _check_sources(dyad) if dyad.recording is None else _check_recording(dyad)
        except MirrorError as error:
            found = Checked(dyad.id, problems=(str(error),))
        done(next(number))
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(one, study.dyads))
    return [*found, *(Checked(row, problems=(why,)) for row, why in study.problems)]


def _check_recording(dyad: Dyad) -> Checked:
    with Recording.open(dyad.a) as recording:
        shares = [found / max(1, frames) for frames, found in recording.counts().values()]
        problems = [] if recording.pose_count else ["it holds scores only, and no poses to score"]
        return _checked(dyad, [recording.duration] * 2, shares, problems)


def _check_sources(dyad: Dyad) -> Checked:
    texts = dyad.sources()
    sources = open_pair(*texts)
    lengths = [math.nan if each.duration is None else each.duration for each in sources]
    for each in sources:
        each.close()
    problems = [f"{each.text} has no end" for each in sources if each.live]
    apart = abs(lengths[0] - lengths[1])
    if apart > _UNEQUAL_S:
        short = texts[lengths[0] > lengths[1]]
        problems.append(f"{short} ends {apart:.0f} s before the other")
    if (note := note_offset(*texts)) is not None:
        problems.append(note)
    shares = [
        _share(text, length)
        if isinstance(each, Source) and parse(text).kind == "file"
        else math.nan
        for text, each, length in zip(texts, sources, lengths, strict=True)
    ]
    return _checked(dyad, lengths, shares, problems)


def _share(text: str, length: float) -> float:
    """Return in how many of three frames of a video a person is found."""
    from mirror.capture.tracker import PoseTracker

    found, start, length = 0, parse(text).start, 0.0 if math.isnan(length) else length
    with closing(PoseTracker()) as tracker:
        for share in _MOMENTS:
            with open_source(with_parts(text, t=f"{start + share * length:.3f}")) as source:
                found += any(
                    tracker.track(frame).landmarks is not None for frame in islice(source, 1)
                )
    return found / len(_MOMENTS)


def _checked(dyad: Dyad, lengths: list[float], shares: list[float], problems: list[str]) -> Checked:
    nobody = [
        f"nobody was found in {feed}"
        for feed, share in zip("AB", shares, strict=True)
        if share == 0.0
    ]
    return Checked(dyad.id, (lengths[0], lengths[1]), (shares[0], shares[1]), (*problems, *nobody))
