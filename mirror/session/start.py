"""Starting sessions: sources, model and recording, in the order of what fails most cheaply.

A camera that is not there is said before anything is fetched or written, and what was opened is
closed again where something later fails.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mirror.capture.base import Source
from mirror.capture.pose_model import provide_model
from mirror.errors import SourceError
from mirror.estimator.scoring import Scoring
from mirror.estimator.signals import Signals
from mirror.landmarks import FEEDS, Model
from mirror.recording.database import SUFFIX, VIDEO_STEM_SUFFIX
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.outputs import open_stream
from mirror.settings import Settings
from mirror.settings_history import Course

if TYPE_CHECKING:
    from mirror.capture.base import FeedSource
    from mirror.landmarks import Feed
    from mirror.recording.video import VideoWriter
    from mirror.session.live import LiveSession
    from mirror.session.offline import OfflineResult, OfflineSession

    S = TypeVar("S", LiveSession, OfflineSession)

Around = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class SessionRequest:
    """What a session is to be.

    Attributes
    ----------
    a, b : str
        The sources, as `mirror.capture.open_pair` takes them.
    settings : Settings
    model : Path or None
        A pose model in place of the built-in one.
    output : Path or None
        Where to record; None keeps nothing. A name that exists gets a suffix.
    video : bool
        Whether pictures are kept beside the recording, too; its name then ends in ``.video``
        before the suffix, so that nobody passes them on unawares.
    seconds : float or None
        After how long a live session stops by itself; None leaves it to the user.
    labels : (str, str)
        What to call the two people.
    condition, notes : str
        Kept in the recording.
    title : str
        What the session is called on screen.
    consent : str
        The note that both people have agreed to, kept in the recording; empty where none is asked.
    streams : tuple of str
        Where a live session sends scores and events, as `mirror.session.outputs.open_stream` takes
        it.
    """

    a: str
    b: str
    settings: Settings = field(default_factory=Settings)
    model: Path | None = None
    output: Path | None = None
    video: bool = False
    seconds: float | None = None
    labels: tuple[str, str] = ("A", "B")
    condition: str = ""
    notes: str = ""
    title: str = ""
    consent: str = ""
    streams: tuple[str, ...] = ()

    @property
    def path(self) -> Path | None:
        """Where it is recorded, unless the name is taken; None where it is not."""
        if self.output is None or not self.video or self.output.stem.endswith(VIDEO_STEM_SUFFIX):
            return self.output
        return self.output.with_name(f"{self.output.stem}{VIDEO_STEM_SUFFIX}{self.output.suffix}")


def start_live(
    start: SessionRequest,
    announce: Callable[[str], None],
    *,
    opening: Around = nullcontext,
    importing: Around = nullcontext,
) -> LiveSession:
    """A live session that is ready to `run`; takes seconds, and is fit for a thread of its own.

    Parameters
    ----------
    start : SessionRequest
        Its `seconds` are for the caller to pass on to `run`.
    announce : callable
        Told in a line what takes long: that the model is fetched, at the first start.
    opening, importing : callable, optional
        Give the contexts in which the sources are opened, and MediaPipe is imported.

    Raises
    ------
    MirrorError
        Where something cannot be computed, opened, fetched or written. Nothing stays open or
        behind.
    """
    from mirror.capture import open_pair
    from mirror.session.live import LiveSession

    Scoring(Course(start.settings))  # refuses settings that cannot be computed, which costs nothing
    with opening():
        a, b = open_pair(start.a, start.b, loop=True, reopen=True)
    return _started(LiveSession, (a, b), start, announce, importing)


def start_offline(
    start: SessionRequest,
    announce: Callable[[str], None],
    *,
    opening: Around = nullcontext,
    importing: Around = nullcontext,
) -> OfflineSession:
    """A session over every frame of two recorded sources; as `start_live`."""
    from mirror.capture import open_pair
    from mirror.session.offline import OfflineSession

    Scoring(Course(start.settings))
    with opening():
        a, b = open_pair(start.a, start.b)
    for source in (a, b):
        if source.live:
            a.close()
            b.close()
            raise SourceError(
                f"{source.text} has no end, so it cannot be analyzed; "
                f"use: mirror live {shlex.join([a.text, b.text])}"
            )
    return _started(OfflineSession, (a, b), start, announce, importing, every_picture=True)


def analyze(
    a: str,
    b: str,
    output: Path,
    *,
    settings: Settings | None = None,
    model: Path | None = None,
    labels: tuple[str, str] = ("A", "B"),
    progress: Callable[[float, float | None], None] | None = None,
) -> OfflineResult:
    """Score every frame of two recorded sources into a new recording.

    Parameters
    ----------
    a, b : str
        Sources, as on the command line: ``anna.mp4``, ``room.mp4#left``.
    output : Path
        Where to record; if the file exists, the new name gets a suffix.
    settings : Settings, optional
    model : Path, optional
        A pose model in place of the built-in one.
    labels : (str, str)
        Names of the two people.
    progress : callable, optional
        Called with the seconds done and, where known, the seconds in all.

    Returns
    -------
    OfflineResult
        The path of the recording, and what it lacks: a source that is cut off is scored up to
        there.

    Raises
    ------
    MirrorError
        If a source cannot be opened or is live, or the recording cannot be created.
    """
    request = SessionRequest(
        a=a, b=b, settings=settings or Settings(), model=model, output=output, labels=labels
    )
    session = start_offline(request, lambda _: None)
    with closing(session.run()) as updates:
        for update in updates:
            if progress is not None:
                progress(update.time, session.duration)
    assert session.result is not None
    return session.result


def default_name() -> Path:
    """Where a session that starts now is kept, if the user names no place."""
    return Path("recordings") / time.strftime(f"%Y-%m-%d_%H-%M-%S{SUFFIX}")


def _started(
    kind: type[S],
    sources: tuple[FeedSource, FeedSource],
    start: SessionRequest,
    announce: Callable[[str], None],
    importing: Around,
    *,
    every_picture: bool = False,
) -> S:
    with ExitStack() as undo:
        for source in sources:
            undo.callback(source.close)
        signals = Signals(*(source.series for source in sources))
        pictured = [
            feed for feed, source in zip(FEEDS, sources, strict=True) if isinstance(source, Source)
        ]
        if start.video and not pictured:
            raise SourceError(
                f"{start.a} and {start.b} have no pictures to keep: leave --video out"
            )
        streams = []
        for text in start.streams:
            streams.append(open_stream(text))
            undo.callback(streams[-1].close)
        model, tracker = None, None
        if pictured:
            model = provide_model(start.model, announce=announce)
            # MediaPipe takes seconds to import, so it waits until all else is known to be there.
            with importing():
                from mirror.capture.tracker import PoseTracker

            tracker = partial(PoseTracker, model.path)
        recorder, pictures = None, None
        if start.path is not None:
            recorder = _recorder(start, start.path, sources, model, signals)
            undo.callback(recorder.discard)
            if start.video:
                pictures = _pictures(recorder, pictured, undo, every=every_picture)
        session = kind(
            *sources,
            start.settings,
            tracker=tracker,
            recorder=recorder,
            pictures=pictures,
            streams=streams,
        )
        undo.pop_all()
        return session


def _recorder(
    start: SessionRequest,
    path: Path,
    sources: tuple[FeedSource, FeedSource],
    model: Model | None,
    signals: Signals,
) -> Recorder:
    about: dict[str, Any] = {
        "labels": dict(zip(FEEDS, start.labels, strict=True)),
        "condition": start.condition,
        "notes": start.notes,
        **signals.to_session(),
    }
    if start.consent:
        given = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        about["consent"] = {"text": start.consent, "time": given}
    texts = (sources[0].text, sources[1].text)
    return Recorder(path, session_metadata(start.settings, texts, model, **about))


def _pictures(
    recorder: Recorder, pictured: list[Feed], undo: ExitStack, *, every: bool
) -> dict[Feed, VideoWriter]:
    from mirror.recording.video import VideoWriter, video_paths

    both = video_paths(recorder.path)
    paths = {feed: both[feed] for feed in pictured}
    writers: dict[Feed, VideoWriter] = {}
    for feed, path in paths.items():
        writers[feed] = VideoWriter(path, every=every)
        undo.callback(writers[feed].discard)
    recorder.update_session({"video": {feed: path.name for feed, path in paths.items()}})
    return writers
