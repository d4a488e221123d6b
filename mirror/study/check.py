"""Whether every dyad of a study can be scored, before the long run."""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count, islice
from typing import Final, NamedTuple

from mirror.capture import PoseSource, Source, open_pair, open_source, parse
from mirror.capture.address import with_parts
from mirror.clocks.videos import note_offset
from mirror.errors import MirrorError
from mirror.recording.reader import Recording
from mirror.settings import Settings
from mirror.study.table import Dyad, Study

_MOMENTS: Final = (0.25, 0.5, 0.75)  # of a video, where people are looked for
_UNEQUAL_S: Final = 10.0  # lengths of A and B may differ by this


class Checked(NamedTuple):
    """What was found of a row: NaN is unknown."""

    id: str
    seconds: Sequence[float] = (math.nan, math.nan)  # lengths of A and B
    people: Sequence[float] = (math.nan, math.nan)  # share of a few frames with A, B in it
    problems: Sequence[str] = ()


def check(study: Study, settings: Settings, done: Callable[[int], None]) -> list[Checked]:
    """Check all rows, as many at once as there are cores; `done` is called with the number."""
    number = count(1)

    def one(dyad: Dyad) -> Checked:
        try:
            Settings.from_dict(dyad.settings, base=settings)
            found = _check_sources(dyad) if dyad.b else _check_recording(dyad)
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
        problems = [] if recording.has_poses else ["it holds scores only, and no poses to score"]
        return _checked(dyad, [recording.duration] * 2, shares, problems)


def _check_sources(dyad: Dyad) -> Checked:
    texts = dyad.sources()
    sources = open_pair(*texts)
    lengths = [math.nan if each.duration is None else each.duration for each in sources]
    shares = [math.nan, math.nan]
    for at, each in enumerate(sources):
        if isinstance(each, PoseSource) and not (each.live or each.series):
            found = [pose.found for pose in each]
            shares[at] = sum(found) / max(1, len(found))
        each.close()
    problems = [f"{each.text} has no end" for each in sources if each.live]
    apart = abs(lengths[0] - lengths[1])
    if apart > _UNEQUAL_S:
        short = texts[lengths[0] > lengths[1]]
        problems.append(f"{short} ends {apart:.0f} s before the other")
    if (note := note_offset(*texts)) is not None:
        problems.append(note)
    for at, text in enumerate(texts):
        if isinstance(sources[at], Source) and parse(text).kind == "file":
            shares[at] = _share(text, lengths[at])
    return _checked(dyad, lengths, shares, problems)


def _share(text: str, length: float) -> float:
    """Return in how many of three frames of a video a person is found."""
    from mirror.capture.tracker import PoseTracker

    found, start, length = 0, parse(text).start, 0.0 if math.isnan(length) else length
    with closing(PoseTracker()) as tracker:
        for share in _MOMENTS:
            with open_source(with_parts(text, t=f"{start + share * length:.3f}")) as source:
                found += any(
                    tracker.track(each).landmarks is not None for each in islice(source, 1)
                )
    return found / len(_MOMENTS)


def _checked(dyad: Dyad, lengths: list[float], shares: list[float], problems: list[str]) -> Checked:
    nobody = [f"nobody was found in {'AB'[at]}" for at in (0, 1) if shares[at] == 0.0]
    return Checked(dyad.id, lengths, shares, [*problems, *nobody])
