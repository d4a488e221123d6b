"""The rendered pairs of a validation, with known coordination, and their cameras."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import cycle, product
from math import ceil, inf, pi, sin
from typing import Final, Literal

import numpy as np

from mirror._support.opencv import cv2
from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import (
    Motion,
    aperiodic,
    mirrored,
    periodic,
    reduced,
    still,
    walking,
)
from mirror.capture.synthetic.postures import hold, holding, take_over
from mirror.landmarks import FEEDS, Feed
from mirror.settings import Settings
from mirror.timeline import State
from mirror.wording import signed

Group = Literal[
    "phase", "lag", "unequal", "unrelated", "state", "rates", "size", "pictures", "posture"
]

PHASES: Final = tuple(range(0, 360, 45))
LAGS: Final = (0.0, 0.3, 0.6, 1.0, 1.5)
RATES: Final = ((30.0, 30.0), (59.94, 23.976), (30.0, 12.5), (25.0, 7.0), (30.0, 15.0))
# Shoulder widths as fractions of the frame height.
SIZES: Final = (("far", 0.08), ("middle", 0.17), ("near", 0.30))
_RATIOS: Final = (1, 3, 8)  # of the reach of two people who move as one

_BORDER: Final = cv2.BORDER_REPLICATE
_OFF_GRID_LAG_S = 0.52  # not a multiple of a grid step
_POSTURES_S = 180.0  # of which the first minute warms up
_UNEQUAL_RATE = 20.0  # frames per second
_WALK_S = 1.5  # time to walk out of the frame
_TRACKER_DELAY_S = 0.5  # until the tracker loses or finds a person


@dataclass(frozen=True)
class Camera:
    """A simulated camera."""

    rate: float = 30.0  # frames per second
    light: float = 1.0  # brightness factor, 0…1
    noise: float = 0.0  # standard deviation of the sensor noise, grey levels 0…255
    # Amplitude of a slanting sine of 1 Hz, pixels: cameras that are shaken alike are one camera.
    shake: float = 0.0


@dataclass(frozen=True)
class Person:
    """A rendered person, with movement and camera."""

    looks: Looks
    motion: Motion
    camera: Camera

    def source(self, seconds: float) -> Source:
        """Return the person as a source of this length."""
        rendered = RenderedSource(self.looks, self.motion, rate=self.camera.rate, duration=seconds)
        return CameraSource(rendered, self.camera, seed=self.looks.room)


class CameraSource(Source):
    """A rendered source with the camera's motion, brightness and noise; `seed` is of the noise."""

    def __init__(self, source: Source, camera: Camera, *, seed: int) -> None:
        self.text = source.text
        self.live = source.live
        self.rate = source.rate
        self.duration = source.duration
        self._source: Source = source
        self._camera = camera
        self._rng = np.random.default_rng(seed)

    def read(self) -> Frame | None:
        frame = self._source.read()
        if frame is None or self._camera == Camera(self._camera.rate):
            return frame
        away = self._camera.shake * sin(2 * pi * frame.time)
        height, width = frame.image.shape[:2]
        shift = np.array([[1.0, 0.0, 0.8 * away], [0.0, 1.0, 0.6 * away]])
        shown = cv2.warpAffine(
            frame.image, shift, (width, height), flags=cv2.INTER_CUBIC, borderMode=_BORDER
        )
        noise = self._rng.standard_normal(frame.image.shape, dtype=np.float32)
        image = self._camera.light * shown + self._camera.noise * noise
        return Frame(frame.time, np.clip(np.round(image), 0, 255).astype(np.uint8))


@dataclass(frozen=True)
class Expected:
    """The state that all rows from `start` to `end`, s, must have."""

    state: State
    start: float
    end: float = inf


@dataclass(frozen=True)
class Condition:
    """A pair and its true values."""

    group: Group  # what is measured
    name: str  # unique within the group
    # B's movement is already mirrored.
    a: Person
    b: Person
    seconds: float
    phase_deg: float | None = None  # phase of A minus phase of B; None if not constant
    frequency: float | None = None  # of a periodic movement, Hz
    lag_s: float | None = None  # seconds by which B follows A; None if not constant
    states: tuple[Expected, ...] = ()  # states that are certain
    ratio: int = 1  # of the larger mover's reach to the smaller one's
    smaller: Feed = "b"  # who moves less, where the ratio is not 1
    # Of each posture that B takes over: when A and when B begins to, and when A leaves it, s.
    taken: tuple[tuple[float, float, float], ...] = ()
    alike: tuple[float, ...] = ()  # when one takes what the other took within 10 s, s

    @property
    def rates(self) -> tuple[float, float]:
        """Frames per second of A and B."""
        return self.a.camera.rate, self.b.camera.rate

    @property
    def frames(self) -> int:
        """Frames of both feeds together."""
        return sum(ceil(self.seconds * rate) for rate in self.rates)

    @property
    def slower_frame(self) -> float:
        """Seconds between two frames of the slower feed."""
        return 1.0 / min(self.rates)


class Cast:
    """Draws random pairs from a few people in turn; every pair moves in another style.

    To paint one of the `people` takes as long as to render two seconds.
    """

    def __init__(self, seed: int, people: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._people = cycle([Looks.random(self._seed()) for _ in range(people)])

    def periodic(
        self,
        group: Group,
        name: str,
        phase_deg: float,
        seconds: float,
        cameras: tuple[Camera, Camera] = (Camera(), Camera()),
        resize: Callable[[Looks], Looks] = lambda looks: looks,
    ) -> Condition:
        """Return a rhythm of 0.4–1.1 Hz, B's `phase_deg` behind A's."""
        frequency = float(self._rng.uniform(0.4, 1.1))
        style = self._seed()
        a = Person(resize(next(self._people)), periodic(frequency, seed=style), cameras[0])
        late = mirrored(periodic(frequency, phase_deg, seed=style))
        b = Person(resize(next(self._people)), late, cameras[1])
        return Condition(group, name, a, b, seconds, phase_deg=phase_deg, frequency=frequency)

    def following(
        self,
        group: Group,
        name: str,
        lag_s: float,
        seconds: float,
        cameras: tuple[Camera, Camera] = (Camera(), Camera()),
    ) -> Condition:
        """Return gestures that never repeat, B's `lag_s` after A's (before A's if negative)."""
        style = self._seed()
        a = Person(next(self._people), aperiodic(style, max(0.0, -lag_s)), cameras[0])
        b = Person(next(self._people), mirrored(aperiodic(style, max(0.0, lag_s))), cameras[1])
        return Condition(group, name, a, b, seconds, lag_s=lag_s)

    def unequal(
        self, name: str, ratio: int, smaller: Feed, seconds: float, size: float, *, rhythm: bool
    ) -> Condition:
        """Return two people who move at the same time, one of them `ratio` times less."""
        camera, style, frequency = Camera(_UNEQUAL_RATE), self._seed(), None
        if rhythm:
            frequency = float(self._rng.uniform(0.4, 1.1))
            motion = periodic(frequency, seed=style)
        else:
            motion = aperiodic(style)
        less = reduced(motion, ratio)
        a = Person(_resized(size)(next(self._people)), less if smaller == "a" else motion, camera)
        late = mirrored(less if smaller == "b" else motion)
        b = Person(_resized(size)(next(self._people)), late, camera)
        return Condition(
            *("unequal", name, a, b, seconds, 0.0, frequency, 0.0), ratio=ratio, smaller=smaller
        )

    def unrelated(self, name: str, seconds: float, camera: Camera) -> Condition:
        """Return two people with independent gestures."""
        a = Person(next(self._people), aperiodic(self._seed()), camera)
        b = Person(next(self._people), mirrored(aperiodic(self._seed())), camera)
        return Condition("unrelated", name, a, b, seconds)

    def holding(self, name: str, size: float, seconds: float, *, follows: bool = True) -> Condition:
        """Return two people who hold one posture after another, B those of A or others."""
        script = hold(self._seed(), seconds, (8.0, 12.0))
        theirs = take_over(script if follows else hold(self._seed(), seconds), 0, (0.5, 5.0))
        people = (_resized(size)(next(self._people)) for _ in range(2))
        a, b = (
            Person(looks, holding(each), Camera(10.0))
            for looks, each in zip(people, (script, theirs), strict=True)
        )
        ends = [each.start for each in script[1:] if follows]
        taken = [(x.start, y.start, end) for x, y, end in zip(script, theirs, ends, strict=False)]
        near = ((x, y) for x, y in product(script, theirs) if abs(y.start - x.start) <= 10.0)
        alike = (max(x.start, y.start) for x, y in near if y.posture == x.posture.mirrored())
        return Condition(*("posture", name, a, b, seconds), taken=tuple(taken), alike=tuple(alike))

    def motionless(self, name: str, seconds: float, camera: Camera) -> Condition:
        """Return two people who stand and breathe."""
        a, b = (Person(next(self._people), still(), camera) for _ in range(2))
        return Condition("state", name, a, b, seconds, states=(Expected(State.STILL, 0.0),))

    def leaving(self, name: str, settings: Settings, camera: Camera) -> Condition:
        """Return two moving people; B walks out of the frame and comes back."""
        window = settings.window
        out = window + 1.0
        gone = out + _WALK_S
        back = gone + 0.5 * window + _TRACKER_DELAY_S + 2.0
        tracked = back + _WALK_S + window + _TRACKER_DELAY_S
        style = self._seed()
        a = Person(next(self._people), aperiodic(style), camera)
        walk = walking(mirrored(aperiodic(style)), (out, gone, back, back + _WALK_S), (0, 8, 8, 0))
        b = Person(next(self._people), walk, camera)
        states = (
            Expected(State.OK, window, out),
            Expected(State.NO_PERSON_B, gone + 0.5 * window + _TRACKER_DELAY_S, back),
            Expected(State.OK, tracked),
        )
        return Condition("state", name, a, b, tracked + 1.0, states=states)

    def _seed(self) -> int:
        return int(self._rng.integers(2**31))


def _resized(size: float) -> Callable[[Looks], Looks]:
    """Return looks with another shoulder width and the same distance of the head from the top."""
    return lambda looks: replace(
        looks, size=size, centre=(looks.centre[0], looks.centre[1] + 1.15 * (size - looks.size))
    )


def conditions(settings: Settings, seed: int, *, quick: bool) -> tuple[Condition, ...]:
    """Return all pairs, or a few short ones if `quick`, in the order in which they are measured.

    The window determines the length of a pair, `seed` its looks, styles and rhythms.
    """
    return _few(Cast(seed, 2), settings) if quick else _all(Cast(seed, 12), settings)


def _all(cast: Cast, settings: Settings) -> tuple[Condition, ...]:
    window = settings.window
    rhythm, gestures = window + 3.0, window + 5.0
    pairs = [cast.periodic("phase", f"{phase}°", phase, rhythm) for phase in PHASES]
    lags = sorted({sign * lag for lag in LAGS for sign in (1.0, -1.0)})
    pairs += [cast.following("lag", f"{signed(lag, 1)} s", lag, gestures) for lag in lags]
    pairs += _unequal(cast, window)
    pairs += [cast.unrelated(f"pair {k}", window + 14.0, Camera(15.0)) for k in range(1, 9)]
    noisy, dark = Camera(noise=20.0), Camera(light=0.15, noise=5.0)
    pairs += [
        cast.motionless("still", window + 3.0, Camera()),
        cast.motionless("still, sensor noise", window + 3.0, noisy),
        cast.leaving("B leaves", settings, Camera()),
    ]
    for rates in RATES:
        name, cameras = f"{rates[0]:g} / {rates[1]:g}", (Camera(rates[0]), Camera(rates[1]))
        pairs.append(cast.following("rates", name, _OFF_GRID_LAG_S, gestures, cameras))
        pairs.append(cast.periodic("rates", name, 60.0, rhythm, cameras))
    for name, size in SIZES:
        label = f"{name} (shoulders {100 * size:.0f} %)"
        pairs.append(cast.periodic("size", label, 60.0, rhythm, resize=_resized(size)))
    for name, camera in (("sensor noise", noisy), ("low light", dark)):
        pairs.append(cast.periodic("pictures", name, 60.0, rhythm, (camera, camera)))
    shaken = Camera(noise=2.0, shake=7.0)
    pairs += [
        *(cast.holding(f"taken over, {name}", size, _POSTURES_S) for name, size in SIZES[:2]),
        cast.holding("unrelated", SIZES[1][1], _POSTURES_S, follows=False),
        cast.motionless("still, shaken camera", window + 3.0, shaken),
        cast.periodic("pictures", "shaken camera", 60.0, rhythm, (shaken, shaken)),
        *(pair for note in (", again", ", a third time") for pair in _unequal(cast, window, note)),
    ]
    return tuple(pairs)


def _unequal(cast: Cast, window: float, note: str = "") -> list[Condition]:
    """Return pairs that move as one with unequal reach, near and far, each in both roles."""
    pairs = []
    for ratio in _RATIOS:
        for smaller in FEEDS if ratio > 1 else FEEDS[1:]:
            for distance, size in (SIZES[0], SIZES[-1]):
                for rhythm in (True, False):
                    kind = "rhythm" if rhythm else "gestures"
                    sides = f"{ratio} : 1" if smaller == "b" else f"1 : {ratio}"
                    name = f"{sides}, {kind}, {distance}{note}"
                    pairs.append(
                        cast.unequal(name, ratio, smaller, window + 2.0, size, rhythm=rhythm)
                    )
    return pairs


def _few(cast: Cast, settings: Settings) -> tuple[Condition, ...]:
    window = settings.window
    slow, noisy, cameras = Camera(7.0), Camera(7.0, noise=20.0), (Camera(12.0), Camera(12.0))
    return (
        *(
            cast.periodic("phase", f"{phase}°", phase, window + 1.0, (slow, slow))
            for phase in (0, 90, 180)
        ),
        cast.following("lag", f"{signed(-0.6, 1)} s", -0.6, window + 2.0, cameras),
        *(cast.unrelated(f"pair {k}", window + 4.0, slow) for k in (1, 2)),
        cast.motionless("still", window + 1.0, slow),
        cast.leaving("B leaves", settings, slow),
        cast.following("rates", "15 / 9", 0.5, window + 2.0, (Camera(15.0), Camera(9.0))),
        cast.periodic("pictures", "sensor noise", 60.0, window + 1.0, (noisy, noisy)),
    )
