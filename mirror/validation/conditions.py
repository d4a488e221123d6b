"""What is measured: rendered pairs whose coordination is known, and the pictures they come in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import cycle
from math import ceil, inf
from typing import Final, Literal

import numpy as np

from mirror.capture.base import Frame, Source
from mirror.capture.synthetic.demo import RenderedSource
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.motion import Motion, aperiodic, leaving, mirrored, periodic, still
from mirror.settings import Settings
from mirror.timeline import State
from mirror.wording import signed

Group = Literal["phase", "lag", "unrelated", "state", "rates", "size", "pictures"]

PHASES: Final = tuple(range(0, 360, 45))
LAGS: Final = (0.0, 0.3, 0.6, 1.0, 1.5)
RATES: Final = ((30.0, 30.0), (59.94, 23.976), (30.0, 12.5), (25.0, 7.0), (30.0, 15.0))
SIZES: Final = (("far", 0.08), ("middle", 0.17), ("near", 0.30))
"""Shoulder widths as fractions of the picture's height."""

_BETWEEN = 0.52  # a lag that is not a whole number of grid steps, seconds
_PACE = 1.5  # seconds that a person takes to walk out of the picture
_SURE = 0.5  # seconds by which a state may come late: the tracker lets go, and finds again


@dataclass(frozen=True)
class Camera:
    """How a person is filmed.

    Attributes
    ----------
    rate : float
        Frames a second.
    light : float
        Share of the light that reaches the picture, 0…1.
    noise : float
        Standard deviation of the sensor's noise, in grey levels of 0…255.
    """

    rate: float = 30.0
    light: float = 1.0
    noise: float = 0.0


@dataclass(frozen=True)
class Person:
    """Who is filmed, doing what, by which camera."""

    looks: Looks
    motion: Motion
    camera: Camera

    def source(self, seconds: float) -> Source:
        """The person as a source of that length."""
        rendered = RenderedSource(self.looks, self.motion, rate=self.camera.rate, duration=seconds)
        return Filmed(rendered, self.camera, seed=self.looks.room)


class Filmed(Source):
    """A rendered source as a poor camera shows it: less light, and noise on every pixel.

    Parameters
    ----------
    source : Source
    camera : Camera
    seed : int
        Of the noise.
    """

    def __init__(self, source: Source, camera: Camera, *, seed: int) -> None:
        self.text = source.text
        self.live = source.live
        self.rate = source.rate
        self.duration = source.duration
        self._source = source
        self._camera = camera
        self._rng = np.random.default_rng(seed)

    def read(self) -> Frame | None:
        frame = self._source.read()
        if frame is None or self._camera == Camera(self._camera.rate):
            return frame
        noise = self._rng.standard_normal(frame.image.shape, dtype=np.float32)
        seen = self._camera.light * frame.image + self._camera.noise * noise
        return Frame(frame.time, np.clip(np.round(seen), 0, 255).astype(np.uint8))

    def close(self) -> None:
        self._source.close()


@dataclass(frozen=True)
class Expected:
    """The state that every row from `start` up to `end` must have, seconds."""

    state: State
    start: float
    end: float = inf


@dataclass(frozen=True)
class Condition:
    """A pair, and what is true of it.

    Attributes
    ----------
    group : str
        What it is measured for.
    name : str
        What sets it apart within the group.
    a, b : Person
        B's movement is already that of somebody who faces A.
    seconds : float
    phase_deg : float or None
        Phase of A minus phase of B; None where there is no constant one.
    frequency : float or None
        Of a periodic movement, Hz.
    lag_s : float or None
        Seconds by which B follows A; None where there is no single one.
    states : tuple of Expected
        States that are certain.
    """

    group: Group
    name: str
    a: Person
    b: Person
    seconds: float
    phase_deg: float | None = None
    frequency: float | None = None
    lag_s: float | None = None
    states: tuple[Expected, ...] = ()

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
    """Draws pairs at random, from some people who take turns, each pair in another style.

    Parameters
    ----------
    seed : int
    people : int
        How many; painting another one takes as long as filming for two seconds.
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
        """A rhythm of 0.4–1.1 Hz, B's `phase_deg` behind A's."""
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
        """Gestures that never repeat, B's `lag_s` after A's (before them, where it is negative)."""
        style = self._seed()
        a = Person(next(self._people), aperiodic(style, max(0.0, -lag_s)), cameras[0])
        b = Person(next(self._people), mirrored(aperiodic(style, max(0.0, lag_s))), cameras[1])
        return Condition(group, name, a, b, seconds, lag_s=lag_s)

    def unrelated(self, name: str, seconds: float, camera: Camera) -> Condition:
        """Two people with gestures of their own."""
        a = Person(next(self._people), aperiodic(self._seed()), camera)
        b = Person(next(self._people), mirrored(aperiodic(self._seed())), camera)
        return Condition("unrelated", name, a, b, seconds)

    def motionless(self, name: str, seconds: float, camera: Camera) -> Condition:
        """Two people who stand and breathe."""
        a, b = (Person(next(self._people), still(), camera) for _ in range(2))
        return Condition("state", name, a, b, seconds, states=(Expected(State.STILL, 0.0),))

    def leaving(self, name: str, settings: Settings, camera: Camera) -> Condition:
        """Both move; B walks out of the picture and comes back."""
        window = settings.window
        out = window + 1.0
        gone = out + _PACE
        back = gone + 0.5 * window + _SURE + 2.0
        found = back + _PACE + window + _SURE
        style = self._seed()
        a = Person(next(self._people), aperiodic(style), camera)
        b = Person(next(self._people), _walking_off(mirrored(aperiodic(style)), out, back), camera)
        states = (
            Expected(State.OK, window, out),
            Expected(State.NO_PERSON_B, gone + 0.5 * window + _SURE, back),
            Expected(State.OK, found),
        )
        return Condition("state", name, a, b, found + 1.0, states=states)

    def _seed(self) -> int:
        return int(self._rng.integers(2**31))


def _walking_off(motion: Motion, out: float, back: float) -> Motion:
    """A movement that goes on while its owner walks out of the picture, and in again."""
    way = leaving(out, back, _PACE)

    def moving(time: float) -> Posture | None:
        walk, posture = way(time), motion(time)
        if walk is None or posture is None:
            return None
        return replace(posture, step=walk.step)

    return moving


def _resized(size: float) -> Callable[[Looks], Looks]:
    """Somebody with shoulders of another width, the head as far below the picture's upper edge."""
    return lambda looks: replace(
        looks, size=size, centre=(looks.centre[0], looks.centre[1] + 1.15 * (size - looks.size))
    )


def conditions(settings: Settings, seed: int, *, quick: bool) -> tuple[Condition, ...]:
    """All pairs, in the order in which they are measured.

    Parameters
    ----------
    settings : Settings
        The window decides how long a pair must be filmed.
    seed : int
        Of looks, styles and rhythms.
    quick : bool
        A few short ones, enough to see that everything works.
    """
    return _few(Cast(seed, 2), settings) if quick else _all(Cast(seed, 12), settings)


def _all(cast: Cast, settings: Settings) -> tuple[Condition, ...]:
    window = settings.window
    rhythm, gestures = window + 3.0, window + 5.0
    found = [cast.periodic("phase", f"{phase}°", phase, rhythm) for phase in PHASES]
    lags = sorted({sign * lag for lag in LAGS for sign in (1.0, -1.0)})
    found += [cast.following("lag", f"{signed(lag, 1)} s", lag, gestures) for lag in lags]
    found += [cast.unrelated(f"pair {k}", window + 14.0, Camera(15.0)) for k in range(1, 9)]
    noisy, dark = Camera(noise=20.0), Camera(light=0.15, noise=5.0)
    found += [
        cast.motionless("still", window + 3.0, Camera()),
        cast.motionless("still, sensor noise", window + 3.0, noisy),
        cast.leaving("B leaves", settings, Camera()),
    ]
    for rates in RATES:
        name, cameras = f"{rates[0]:g} / {rates[1]:g}", (Camera(rates[0]), Camera(rates[1]))
        found.append(cast.following("rates", name, _BETWEEN, gestures, cameras))
        found.append(cast.periodic("rates", name, 60.0, rhythm, cameras))
    for name, size in SIZES:
        label = f"{name} (shoulders {100 * size:.0f} %)"
        found.append(cast.periodic("size", label, 60.0, rhythm, resize=_resized(size)))
    for name, camera in (("sensor noise", noisy), ("low light", dark)):
        found.append(cast.periodic("pictures", name, 60.0, rhythm, (camera, camera)))
    return tuple(found)


def _few(cast: Cast, settings: Settings) -> tuple[Condition, ...]:
    window = settings.window
    slow, noisy = Camera(10.0), Camera(20.0, noise=20.0)
    cameras = Camera(20.0), Camera(20.0)
    return (
        *(
            cast.periodic("phase", f"{phase}°", phase, window + 1.0, cameras)
            for phase in (0, 90, 180)
        ),
        cast.following("lag", f"{signed(0.6, 1)} s", 0.6, window + 2.0, cameras),
        *(cast.unrelated(f"pair {k}", window + 4.0, slow) for k in (1, 2, 3)),
        cast.motionless("still", window + 1.0, slow),
        cast.leaving("B leaves", settings, slow),
        cast.following("rates", "20 / 12.5", 0.5, window + 2.0, (Camera(20.0), Camera(12.5))),
        cast.periodic("pictures", "sensor noise", 60.0, window + 1.0, (noisy, noisy)),
    )
