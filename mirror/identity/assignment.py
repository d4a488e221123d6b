"""Assign identities to two people, from what two landmarkers and a finder see; without any pixels.

Each of two people has a landmarker, which may lose its person, jump, or slide onto somebody else.
What it gives is taken only if it continues the person's movement and looks like the person; while
the two are close together, and after one was lost, nothing is learnt of their looks, and when they
are apart again, votes of looks decide who is who. What they cannot decide is unsure.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from statistics import fmean
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.identity.body import Body, Look, likeness, overlap

Kind = Literal["lost", "found", "exchanged", "unsure", "sure", "clicked", "third"]
Pair = tuple[Body | None, Body | None]
Looks = tuple[Look | None, Look | None]
Found = Sequence[tuple[Body, Look | None]]
Point = tuple[float, float]  # x and y, pixels

NAMES: Final = ("A", "B")
ON_ONE: Final = 0.45  # torsos between two bodies that are one
NEAR: Final = 1.3  # torsos within which a click means a person

_JUMP: Final = 0.9  # torsos from where a person is expected
_RESIZED: Final = 1.6  # from one frame to the next
_MISSES: Final = 3  # frames until a person is lost
_ON_ONE_FRAMES: Final = 5
_CLOSE: Final = 2.0  # torsos, from which a person who is lost may be hidden by the other
_STRANGE: Final = 0.55  # of the usual likeness: somebody else
_STRANGE_FRAMES: Final = 8
_UNLIKE: Final = 0.06  # by how much likeness falls at once: perhaps somebody else
_SPREADS: Final = 6.0  # of the likeness's mean deviations, by which it must fall at least
_LATELY: Final = 0.1  # of the likeness lately, that is from this frame
_UNLIKE_FRAMES: Final = 2  # from which no pose is given out
_ADAPTED: Final = 45  # frames after which somebody who only looks different, does
_SAME_LOOK: Final = 0.9
_AGAIN: Final = 0.6  # of the usual likeness: the same person
_VOTES: Final = 12
_DECISIVE: Final = 0.06  # mean of the votes
_CONTINUED_VOTES: Final = 30  # the newest, while unsure
_LEARNT: Final = 10  # frames from which looks are known
_SLOWEST: Final = 0.02  # of a look that is learnt from a frame
_LOOKS_BETWEEN: Final = 2  # of the finder, at most, between two sights of a third person
_LOOKS_GONE: Final = 4  # without a third person, after which the next one is reported again


class IdentityEvent(NamedTuple):
    """Something that was decided."""

    kind: Kind
    text: str
    since: float = 0.0  # of an exchange: from when on they were probably mistaken, s

    def describe(self, time: float) -> str:
        """Return it in words, at a time."""
        if self.kind != "exchanged" or time - self.since < 0.1:
            return self.text
        return f"{self.text}: mistaken for each other since about {self.since:.1f} s"


class Outcome(NamedTuple):
    """The people in a frame, as far as they are given out, and what was decided."""

    bodies: Pair
    events: tuple[IdentityEvent, ...]


@dataclass(slots=True)
class Style:
    """How a person looks, as far as that was learnt."""

    look: Look | None = None
    learnt: int = 0  # frames
    usual: float = 1.0  # likeness
    lately: float = 1.0  # likeness: clothes look different in other light and from behind
    spread: float = 0.0  # its mean deviation
    strange: int = 0  # frames that look like somebody else, and
    unlike: int = 0  # those that perhaps do

    def likeness(self, look: Look | None) -> float | None:
        """Return how alike somebody looks; None if that is not known."""
        is_known = look is not None and self.look is not None and self.learnt >= _LEARNT
        return likeness(look, self.look) if is_known else None  # type: ignore[arg-type]

    def alike(self, look: Look | None) -> float | None:
        """Return the likeness relative to what is usual."""
        found = self.likeness(look)
        return None if found is None else found / self.usual

    def learn(self, look: Look) -> None:
        """Learn how the person looks."""
        self.look = look if self.look is None else self.look
        self.learnt += 1
        share = max(1 / self.learnt, _SLOWEST)
        self.usual += share * (likeness(look, self.look) - self.usual)
        self.look = self.look + np.float32(share) * (look - self.look)

    def note(self, look: Look | None) -> None:
        """Note whether somebody with this look may be somebody else."""
        if (found := self.likeness(look)) is None:
            return
        self.strange = self.strange + 1 if found < _STRANGE * self.usual else 0
        is_unlike = found < self.lately - max(_UNLIKE, _SPREADS * self.spread)
        self.unlike = self.unlike + 1 if is_unlike else 0
        if self.unlike > _ADAPTED:
            self.lately, self.unlike = found, 0
        elif not self.unlike:
            self.spread += _LATELY * (abs(found - self.lately) - self.spread)
            self.lately += _LATELY * (found - self.lately)


@dataclass(slots=True)
class Track:
    """What is known of one person; `body` is where the person was last, None while lost."""

    landmarker: int  # the number of the landmarker
    body: Body | None = None
    velocity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))  # px a frame
    approach: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))  # before a contact
    misses: int = 0
    style: Style = field(default_factory=Style)

    @property
    def doubtful(self) -> bool:
        """Whether the body may be somebody else's."""
        return self.style.strange > 0 or self.style.unlike >= _UNLIKE_FRAMES

    def expects(self, body: Body) -> bool:
        """Whether a body continues the person's movement."""
        assert self.body is not None
        ahead = self.velocity * (self.misses + 1)
        apart = float(np.median(np.linalg.norm(body.core - self.body.core - ahead, axis=1)))
        ratio = body.torso / self.body.torso
        return apart <= _JUMP * self.body.torso and 1 / _RESIZED <= ratio <= _RESIZED

    def move(self, body: Body) -> None:
        """Take the person's next body."""
        assert self.body is not None
        step = (body.core - self.body.core).mean(axis=0) / (self.misses + 1)
        self.velocity = 0.5 * self.velocity + 0.5 * step
        self.body, self.misses = body, 0

    def place(self, body: Body) -> None:
        """Begin to follow the person anew."""
        self.body, self.misses, self.velocity = body, 0, np.zeros(2)
        self.style.strange = self.style.unlike = 0


@dataclass(slots=True)
class _Encounter:
    """Two people close together, or one of them lost, until it is clear again who is who."""

    since: float  # when they were closest
    closest: float = np.inf
    doubtful: bool = False  # whether they may have been exchanged
    votes: deque[float] = field(default_factory=lambda: deque(maxlen=_CONTINUED_VOTES))
    clear: int = 0  # frames apart


class IdentityTracker:
    """Decides who is who, frame by frame.

    `left` is who is the left one at first sight, 0 for A; `tracks` are A's and B's; `unsure` is
    whether it is not known who is who.
    """

    def __init__(self, left: int = 0) -> None:
        self._left = left
        self.tracks = (Track(0), Track(1))
        self.unsure = False
        self._met = False  # both have been seen together
        self._alone_since: float | None = None  # when somebody was seen, alone, and called A
        self._encounter: _Encounter | None = None
        self._on_one, self._looks_since_sight = 0, _LOOKS_GONE
        self._said_third = self._exchanged = False
        self._banned: list[Look] = []
        self._events: list[IdentityEvent] = []
        self._time = 0.0
        self._looks: Looks = (None, None)  # in the last frame
        self._wanted: tuple[Point, int] | None = None  # a click on somebody who is not followed

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be decided about who was who lately."""
        return (self._met or self._alone_since is None) and self._encounter is None

    @property
    def searching(self) -> bool:
        """Whether somebody is to be found: who is lost, was clicked on, or seen beside both."""
        is_unlike = any(track.style.unlike >= _UNLIKE_FRAMES for track in self.tracks)
        is_third = not self._said_third and self._looks_since_sight <= _LOOKS_BETWEEN  # in passing
        return bool(self.lost) or self._wanted is not None or is_unlike or is_third

    @property
    def lost(self) -> list[int]:
        """Who is not followed at present."""
        return [who for who in (0, 1) if self.tracks[who].body is None]

    def update(self, time: float, bodies: Pair, looks: Looks) -> Outcome:
        """Decide about the next frame, from what A's and B's landmarkers found, and its looks."""
        self._time, self._looks, self._exchanged = time, looks, False
        taken = [self._take(who, bodies[who], looks[who]) for who in (0, 1)]
        self._check_on_one(taken, looks)
        self._follow_encounter(taken, looks)
        one, other = (
            None if track.doubtful else body for track, body in zip(self.tracks, taken, strict=True)
        )
        if self._exchanged:
            other, one = taken
        elif self._encounter is None and not self.unsure:
            for track, body, look in zip(self.tracks, taken, looks, strict=True):
                if body is not None and look is not None and not track.style.unlike:
                    track.style.learn(look)
        events, self._events = tuple(self._events), []
        return Outcome((one, other), events)

    def _take(self, who: int, body: Body | None, look: Look | None) -> Body | None:
        """Take what a person's landmarker found, if it is the person."""
        track = self.tracks[who]
        if track.body is None:
            return None
        if body is None or not track.expects(body):
            track.misses += 1
            if track.misses >= _MISSES:
                self._lose(who)
            return None
        track.style.note(look)
        track.move(body)
        if track.style.strange >= _STRANGE_FRAMES:
            self._lose(who)
        return track.body

    def _lose(self, who: int) -> None:
        last, other = self.tracks[who].body, self.tracks[1 - who].body
        self.tracks[who].body = None
        self._emit("lost", f"{NAMES[who]} is lost")
        # Whoever leaves while the other is in view comes back as nobody else.
        near = last is not None and other is not None and last.distance(other) < _CLOSE
        self._meet(doubtful=near or other is None)

    def _meet(self, *, doubtful: bool = False) -> _Encounter | None:
        """Begin an encounter, or go on with it, unless they have never been seen together."""
        if not self._met:
            return None
        if self._encounter is None:
            self._encounter = _Encounter(self._time)
            for track in self.tracks:
                track.approach = track.velocity
        self._encounter.doubtful |= doubtful
        return self._encounter

    def _check_on_one(self, taken: list[Body | None], looks: Looks) -> None:
        """Give out one pose while both are on one body; one lets go after a while."""
        one, other = taken
        if one is None or other is None or one.distance(other) >= ON_ONE:
            self._on_one = 0
            return
        self._on_one += 1
        self._meet(doubtful=True)
        fits = [self._fit(self.tracks[who], (one, other)[who], looks[who]) for who in (0, 1)]
        worse = int(fits[1] < fits[0])
        taken[worse] = None
        if self._on_one >= _ON_ONE_FRAMES:
            self._on_one = 0
            self._lose(worse)

    def _fit(self, track: Track, body: Body, look: Look | None) -> float:
        """Return how well a body fits a person's looks and earlier velocity; more is better."""
        speed = float(np.linalg.norm(track.velocity - track.approach)) / body.torso
        return 2.0 * (track.style.alike(look) or 0.0) - min(1.0, 10.0 * speed)

    def _follow_encounter(self, taken: list[Body | None], looks: Looks) -> None:
        one, other = taken
        if one is None or other is None:
            return
        apart = not overlap(one.trunk, other.trunk)
        encounter = self._encounter if apart else self._meet()
        if encounter is None:
            return
        if not apart:
            encounter.clear = 0
            if not self.unsure:
                encounter.votes.clear()
            if (distance := one.distance(other)) < encounter.closest:
                encounter.closest, encounter.since = distance, self._time
            return
        encounter.clear += 1
        if (vote := self._vote(looks)) is not None:
            encounter.votes.append(vote)
        if encounter.clear >= _VOTES:
            self._decide(encounter)

    def _vote(self, looks: Looks) -> float | None:
        """Return by how much the two look more like themselves than like each other."""
        (aa, ab), (ba, bb) = ([track.style.alike(look) for look in looks] for track in self.tracks)
        if aa is None or ab is None or ba is None or bb is None:
            return None
        return (aa - ba + bb - ab) / 2

    def _decide(self, encounter: _Encounter) -> None:
        mean = fmean(encounter.votes) if len(encounter.votes) >= _VOTES else 0.0
        if -_DECISIVE <= mean <= _DECISIVE and encounter.doubtful:
            self._doubt()
            return
        if mean < -_DECISIVE:
            self._exchange(encounter.since)
        self._settle()

    def _doubt(self) -> None:
        if not self.unsure:
            self.unsure = True
            self._emit("unsure", "not sure who is who")

    def _settle(self) -> None:
        if self.unsure:
            self.unsure = False
            self._emit("sure", "it is known again who is who")
        self._encounter = None

    def _exchange(self, since: float) -> None:
        self._swap_styles()
        self.tracks = self.tracks[::-1]
        for track in self.tracks:
            track.style.strange = track.style.unlike = 0
        self._exchanged = True
        self._emit("exchanged", "A and B were exchanged", since)

    def _swap_styles(self) -> None:
        one, other = self.tracks
        one.style, other.style = other.style, one.style

    def _emit(self, kind: Kind, text: str, since: float | None = None) -> None:
        self._events.append(IdentityEvent(kind, text, self._time if since is None else since))

    def offer(self, bodies: Sequence[Body], looks: Sequence[Look | None]) -> list[int]:
        """Take whom the finder saw beside those who are followed; return who is followed anew."""
        followed = [track.body for track in self.tracks if track.body is not None]
        found = [
            (body, look)
            for body, look in zip(bodies, looks, strict=True)
            if all(body.distance(each) >= ON_ONE for each in followed) and not self._is_banned(look)
        ]
        assigned = self._assign_wanted(found) or self._assign_better(found)
        assigned = assigned or (self._assign(found) if self._met else self._assign_first(found))
        trunks = [track.body.trunk for track in self.tracks if track.body is not None]
        if len(trunks) == 2:  # else it may be who is lost
            # Near one of them, the finder may see more bodies than there are.
            others = sum(not any(overlap(body.trunk, each) for each in trunks) for body, _ in found)
            is_second = others > 0 and self._looks_since_sight <= _LOOKS_BETWEEN
            self._looks_since_sight = 0 if others else self._looks_since_sight + 1
            self._said_third &= self._looks_since_sight < _LOOKS_GONE
            if is_second and not self._said_third:
                self._said_third = True
                count = {1: "Three", 2: "Four"}.get(others, "Many")
                self._emit("third", f"{count} people; following A and B")
        return assigned

    def _is_banned(self, look: Look | None) -> bool:
        if look is None:
            return False
        own = max(track.style.likeness(look) or 0.0 for track in self.tracks)
        return any(likeness(look, each) > max(own, _SAME_LOOK) for each in self._banned)

    def _assign_first(self, found: Found) -> list[int]:
        """Follow whom is seen first; when both are, A is the left one, or the right one."""
        largest = sorted((body for body, _ in found), key=lambda each: -each.torso)
        followed = self.tracks[0].body
        people = [*([] if followed is None else [followed]), *largest][:2]
        if len(people) < 2:
            if followed is None and people:
                self.tracks[0].place(people[0])
                self._alone_since = self._time
                self._emit("found", "A is found")
            return [0] if followed is None and people else []
        people.sort(key=lambda each: each.core[1, 0], reverse=bool(self._left))
        if people[1] is followed:
            self.tracks = self.tracks[::-1]
            self._emit("exchanged", "A and B were exchanged", self._alone_since)
        assigned = [who for who in (0, 1) if people[who] is not followed]
        for who in assigned:
            self.tracks[who].place(people[who])
        self._met = True
        self._emit("found", "A and B are found")
        return assigned

    def _assign_wanted(self, found: Found) -> list[int]:
        """Follow somebody who was clicked on, whatever the looks."""
        if self._wanted is None:
            return []
        (place, who), self._wanted = self._wanted, None
        near = [(reach_of(body, place), number) for number, (body, _) in enumerate(found)]
        reach, number = min(near, default=(np.inf, 0))
        if reach > NEAR:
            return []
        self._met, self.tracks[who].style = True, Style()
        self.tracks[who].place(found[number][0])
        self._settle()
        return [who]

    def _assign_better(self, found: Found) -> list[int]:
        """Follow somebody who looks more like a person than whom the landmarker has slid to."""
        for who, track in enumerate(self.tracks):
            if track.body is None or track.style.unlike < _UNLIKE_FRAMES:
                continue
            fits = [(track.style.alike(look) or 0.0, k) for k, (_, look) in enumerate(found)]
            best, number = max(fits, default=(0.0, 0))
            if best > (track.style.alike(self._looks[who]) or 0.0) + _UNLIKE:
                track.place(found[number][0])
                self._emit("found", f"{NAMES[who]} is found again, after somebody else")
                return [who]
        return []

    def _assign(self, found: Found) -> list[int]:
        """Follow those again who were lost, by their looks."""
        lost = self.lost
        # Where looks are not known, nothing speaks against anybody.
        known = [[track.style.alike(look) for _, look in found] for track in self.tracks]
        alike = [[_AGAIN if fit is None else fit for fit in row] for row in known]

        def quality(choice: tuple[int | None, ...]) -> tuple[int, float]:
            pairs = zip(lost, choice, strict=True)
            fits = [alike[who][number] for who, number in pairs if number is not None]
            is_possible = len({*choice} - {None}) == len(fits) and min(fits, default=1) >= _AGAIN
            return (len(fits), sum(fits)) if is_possible else (-1, 0.0)

        # Both together: the pairing that fits best, not whoever fits best alone.
        best = max(product((None, *range(len(found))), repeat=len(lost)), key=quality)
        chosen = {who: number for who, number in zip(lost, best, strict=True) if number is not None}
        # Whoever looks as much like the other may be either, until votes have decided.
        apart = [abs(alike[0][number] - alike[1][number]) for number in chosen.values()]
        is_doubtful = self._encounter is not None and self._encounter.doubtful
        if is_doubtful and apart and fmean(apart) <= _DECISIVE:
            self._doubt()
        for who, number in chosen.items():
            self.tracks[who].place(found[number][0])
            self._emit("found", f"{NAMES[who]} is found again")
            if (encounter := self._meet()) is not None:
                encounter.clear = 0
                encounter.votes.clear()
        return list(chosen)

    def exchange(self) -> None:
        """Exchange A and B, as a person says that they are mistaken for each other."""
        self._emit("clicked", "A and B were exchanged by hand")
        self._exchange(self._time)
        self._looks = self._looks[::-1]
        self._confirm()

    def click(self, place: Point, who: int | None) -> None:
        """Assign A, B, or neither (None) to whoever is at a place, as a person says."""
        bodies = [(track.body, number) for number, track in enumerate(self.tracks)]
        near = [(reach_of(body, place), number) for body, number in bodies if body is not None]
        reach, number = min(near, default=(np.inf, 0))
        there = number if reach <= NEAR else None
        if who is not None and there not in (None, who):
            self.exchange()
            return
        self._emit("clicked", "nobody to follow" if who is None else f"{NAMES[who]} was shown")
        if who is not None and there is None:
            self._wanted = place, who
        elif who is None and there is not None:
            track, look = self.tracks[there], self._looks[there]
            if look is not None:
                self._banned.append(look)
                if (track.style.alike(look) or 1.0) > _SAME_LOOK:  # learnt from somebody else
                    track.style = Style()
            self._lose(there)
        elif who is not None:
            self._confirm()

    def _confirm(self) -> None:
        """Settle who is who, and let looks agree with it."""
        if (self._vote(self._looks) or 0.0) < 0.0:
            self._swap_styles()
        self._met = True
        self._settle()


def reach_of(body: Body, place: Point) -> float:
    """Return how far a place is from a body's head, chest or hips, in torsos."""
    return float(np.linalg.norm(body.core - place, axis=1).min()) / body.torso
