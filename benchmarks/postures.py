"""How well postures are matched and found to be taken over, and what is hidden meanwhile.

Rendered people hold one posture after another, through MediaPipe; of each script, B takes over 16
of A's 24 or 25 postures, misses three, and takes others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.plan import Plan, log
from benchmarks.tables import Table, load
from mirror import Landmark, Pose, Settings, Tick, Timeline
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.postures import MOVE_S, POSTURES, Held, hold, holding
from mirror.capture.tracker import PoseTracker
from mirror.estimator.estimator import score_ticks
from mirror.landmarks import MIN_VISIBILITY, other_side
from mirror.mimicry import TakeOver, regions_of, take_overs

_SEEDS = range(301, 313)  # every second one is of people with shoulders of a tenth of the frame
_SECONDS, _RATE = 240.0, 5.0
_SETTINGS = Settings(rate=_RATE, hop=0.2, band=(0.2, 2.0))
_SETTLED_S = 2.0  # from the beginning of a change of posture
_NEAR_S = 1.0  # of an event to the change
_MOVED = 0.3  # of a wrist from where it hangs, shoulder widths: its arm is part of the posture
_SAME = 0.15  # highest distance of wrists that do the same, shoulder widths

Taken = tuple[Held, Held, float]  # A's posture, B's, and when one of them leaves it, s


@dataclass(frozen=True)
class _Script:
    a: list[Held]
    b: list[Held]

    @property
    def taken(self) -> list[Taken]:
        ends = [each.start for each in self.a[1:]] + [_SECONDS]
        found: list[Taken] = []
        for held, end in zip(self.a, ends, strict=True):
            for k, own in enumerate(self.b):
                if held.start < own.start < end and own.posture == held.posture.mirrored():
                    later = [each.start for each in self.b[k + 1 : k + 2]]
                    found.append((held, own, min([end, *later])))
        return found


def measure(_plan: Plan) -> list[Table]:
    """Render, track and score every script."""
    rows = []
    for size, seeds in (("as drawn", _SEEDS[::2]), ("shoulders .10", _SEEDS[1::2])):
        counts: Counter[str] = Counter()
        for seed in seeds:
            log(f"postures: script {seed}")
            counts += _count(seed)
        rows.append((size, *_cells(counts)))
    names = ("seen: above", "with a hidden limb: above, hidden", "different: above")
    found = ("seen: found", "hidden: found", "latency off by > 0.2 s", "not taken over", "minutes")
    note = (
        "Rows in which both hold the mirrored posture, by whether MediaPipe sees the elbows and "
        "wrists of the arms that it moves, and rows in which they differ; postures taken over "
        "likewise. Not taken over: events of nothing, and of which the named regions alone do the "
        "same. "
        f"{load()}."
    )
    return [Table("Postures", ("shoulders", *names, *found), tuple(rows), note)]


def _cells(n: Counter[str]) -> tuple[str, ...]:
    return (
        f"{n['seen above']} of {n['seen ok']}",
        f"{n['covered above']}, {n['covered hidden'] + n['seen hidden']}",
        f"{n['apart above']} of {n['apart ok']}",
        f"{n['seen found']} of {n['seen taken']}",
        f"{n['covered found']} of {n['covered taken']}",
        str(n["late"]),
        f"{n['false']}, {n['of regions']}",
        f"{n['rows'] / _RATE / 60.0:.0f}",
    )


def _script(seed: int) -> _Script:
    rng = np.random.default_rng(seed)
    a = hold(seed, _SECONDS, (8.0, 12.0))
    ends = [each.start for each in a[1:]] + [_SECONDS]
    kinds = np.array(["take"] * 16 + ["miss"] * 3 + ["other"] * (len(a) - 19))
    rng.shuffle(kinds)
    b = []
    for held, end, kind in zip(a, ends, kinds.tolist(), strict=True):
        theirs = held.posture.mirrored()
        if kind == "take":
            late = min(float(rng.uniform(0.5, 8.0)), end - held.start - 0.5)
            b.append(Held(held.start + late, theirs))
        elif kind == "other":
            start = held.start + float(rng.uniform(0.5, 6.0))
            posture = theirs
            while posture == theirs:
                posture = POSTURES[int(rng.integers(len(POSTURES)))]
            b.append(Held(start, posture))
    return _Script(a, sorted(b, key=lambda each: each.start))


def _poses(looks: Looks, changes: Sequence[Held]) -> list[Pose]:
    source = RenderedSource(looks, holding(changes), rate=_RATE, duration=_SECONDS)
    with PoseTracker() as tracker:
        return [tracker.track(frame) for frame in source]


def _looks(seed: int, person: int) -> Looks:
    looks = Looks.random(1000 * seed + person)
    if seed % 2:
        return looks
    x, y = looks.centre
    return replace(looks, size=0.10, centre=(x, y + 1.15 * (0.10 - looks.size)))


def _count(seed: int) -> Counter[str]:
    script = _script(seed)
    a, b = (
        _poses(_looks(seed, person), changes) for person, changes in enumerate((script.a, script.b))
    )
    ticks = [Tick(k / _RATE, *pair) for k, pair in enumerate(zip(a, b, strict=True))]
    return _counted(score_ticks(ticks, _SETTINGS), script, a, b)


def _counted(
    timeline: Timeline, script: _Script, a: Sequence[Pose], b: Sequence[Pose]
) -> Counter[str]:
    n: Counter[str] = Counter()
    time, state = timeline.time_s, timeline.posture_state
    above = timeline.posture_match > timeline.chance_posture_match
    ok, hidden = state == "ok", state == "hidden"
    covered = _covered(script, a, b, time)
    apart = np.array([_differ(script, each) for each in time.tolist()])
    n.update(rows=int((ok | hidden).sum()))
    n.update({"apart ok": int((apart & ok).sum()), "apart above": int((apart & above & ok).sum())})
    events, meant = take_overs(timeline), set[int]()
    held = np.zeros(len(time), bool)
    for leads, follows, end in script.taken:
        rows = (time >= follows.start + _SETTLED_S) & (time < end)
        held |= rows
        near = [k for k, each in enumerate(events) if each.by == "b" and _is_at(each, follows)]
        meant.update(near)
        if ok[time < follows.start].any() and follows.start < time[-1] - 5.0 and rows.any():
            kind = "covered" if covered[rows].mean() > 0.5 else "seen"
            n.update({f"{kind} taken": 1, f"{kind} found": min(1, len(near))})
            wrong = [abs(events[k].latency_s - (follows.start - leads.start)) for k in near[:1]]
            n.update(late=sum(each > 0.2 for each in wrong))
    for kind, rows in (("covered", covered), ("seen", ~covered)):
        for name, which in (("ok", ok), ("above", above & ok), ("hidden", hidden)):
            n[f"{kind} {name}"] += int((held & rows & which).sum())
    n.update(_unmeant(script, each) for k, each in enumerate(events) if k not in meant)
    return n


def _at(changes: Sequence[Held], time: float) -> Held:
    return changes[max(0, sum(each.start <= time for each in changes) - 1)]


def _is_at(event: TakeOver, change: Held) -> bool:
    return abs(event.time_s - change.start - MOVE_S / 2) < _NEAR_S


def _differ(script: _Script, time: float) -> bool:
    a, b = _at(script.a, time), _at(script.b, time)
    settled = time - max(a.start, b.start) > _SETTLED_S
    return settled and a.posture != b.posture.mirrored()


def _unmeant(script: _Script, event: TakeOver) -> str:
    """Return what an event is that the script did not mean."""
    own, other = (script.b, script.a) if event.by == "b" else (script.a, script.b)
    taken = _at(own, event.time_s + 0.2)
    same = partial(_is_same, taken.posture, regions_of(event.regions, event.by, "mirror"))
    if _is_at(event, taken):
        for each in other:
            if each.posture.mirrored() == taken.posture and 0.3 <= taken.start - each.start <= 10.2:
                return "real"
        for each in other:
            began = event.time_s - event.latency_s - MOVE_S / 2
            if abs(each.start - began) < _NEAR_S and same(each.posture.mirrored()):
                return "of regions"
    return "false"


def _is_same(posture: Posture, regions: frozenset[str], other: Posture) -> bool:
    away = {
        "left_arm": (np.hypot(*np.subtract(posture.left, other.left)), _SAME),
        "right_arm": (np.hypot(*np.subtract(posture.right, other.right)), _SAME),
        "head": (np.abs(posture.vector() - other.vector())[4:7].max(), 0.05),
        "torso": (np.abs(posture.vector() - other.vector())[7:9].max(), 0.05),
        "legs": (0.0, 0.0),
    }
    return all(away[each][0] <= away[each][1] for each in regions)


def _covered(
    script: _Script, a: Sequence[Pose], b: Sequence[Pose], time: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return in which rows a limb of either posture was not seen in the last second, in either."""
    people = [_hidden(poses, time) for poses in (a, b)]
    covered = np.zeros(len(time), bool)
    for row, now in enumerate(time.tolist()):
        sides = set(_moved(_at(script.a, now).posture))
        sides |= {other_side(each) for each in _moved(_at(script.b, now).posture)}
        covered[row] = any(
            people[0][f"{side}_{joint}"][row] or people[1][other_side(f"{side}_{joint}")][row]
            for side in sides
            for joint in ("ELBOW", "WRIST")
        )
    return covered


def _moved(posture: Posture) -> list[str]:
    rest = Posture()
    pairs = (("LEFT", posture.left, rest.left), ("RIGHT", posture.right, rest.right))
    return [side for side, *ends in pairs if np.hypot(*np.subtract(*ends)) > _MOVED]


def _hidden(poses: Sequence[Pose], time: NDArray[np.float64]) -> dict[str, NDArray[np.bool_]]:
    """Return whether each joint of the arms had a mean visibility below the limit [row]."""
    times = np.array([each.time for each in poses])
    ends, starts = (np.searchsorted(times, time - back + 1e-6) for back in (0.0, 1.0))
    hidden = {}
    for mark in (Landmark[f"{s}_{j}"] for s in ("LEFT", "RIGHT") for j in ("ELBOW", "WRIST")):
        seen = [0.0 if each.landmarks is None else each.landmarks[mark, 3] for each in poses]
        total = np.concatenate([[0.0], np.cumsum(seen)])
        mean = (total[ends] - total[starts]) / np.maximum(ends - starts, 1)
        hidden[mark.name] = mean < MIN_VISIBILITY
    return hidden
