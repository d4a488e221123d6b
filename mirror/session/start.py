"""Start sessions: open sources, model and recording, the cheapest to fail first.

A missing camera is reported before anything is fetched or written, and what was opened is closed
again if something later fails.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mirror import capture
from mirror._support.logs import describe_error
from mirror.capture.base import FeedSource, PoseSource, Source
from mirror.capture.pose_model import provide_model
from mirror.capture.tracker import PoseTracker
from mirror.clocks.cameras import with_delay
from mirror.clocks.sound import Alignment
from mirror.errors import MirrorError, SourceError
from mirror.estimator.scoring import Scoring
from mirror.estimator.signals import Signals
from mirror.landmarks import FEEDS, Feed, Model
from mirror.practice.exercise import Exercise
from mirror.recording.database import SUFFIX, VIDEO_STEM_SUFFIX, video_paths
from mirror.recording.provenance import session_metadata
from mirror.recording.writer import Recorder
from mirror.session.outputs import open_stream
from mirror.session.target import with_target
from mirror.settings import Settings
from mirror.settings_history import SettingsHistory

if TYPE_CHECKING:
    from mirror.recording.video import VideoWriter
    from mirror.session.chunks import Track
    from mirror.session.live import LiveSession
    from mirror.session.offline import OfflineResult, OfflineSession

    S = TypeVar("S", LiveSession, OfflineSession)

_log = logging.getLogger(__name__)

ContextFactory = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class SessionRequest:
    """A description of the session to start."""

    # The sources, as `mirror.capture.open_pair` takes them.
    a: str
    b: str
    settings: Settings = field(default_factory=Settings)
    model: Path | None = None  # a pose model in place of the built-in one
    # Where to record; None records nothing. A name that exists gets a suffix.
    output: Path | None = None
    # Whether to record video, too; the recording's name then ends in ``.video`` before the suffix,
    # so that nobody passes it on by mistake.
    video: bool = False
    # After how long a live session stops by itself; None leaves that to the user.
    seconds: float | None = None
    labels: tuple[str, str] = ("A", "B")  # names of the two people
    alone: bool = False  # whether A is a partner who is not there, in a video or rendered
    # Stored in the recording.
    condition: str = ""
    notes: str = ""
    title: str = ""  # the session's title on screen
    # The note that both people have agreed to, stored in the recording; empty if none is asked.
    consent: str = ""
    # Whether to track every frame of a fast source, and not only those nearest to a tick.
    all_frames: bool = False
    exercise: Exercise | None = None  # exercise to start a live session with
    # How many processes track long videos offline, to the same result; one if video is recorded.
    jobs: int = 1
    # Where a live session sends scores and events: texts for `mirror.session.outputs.open_stream`.
    streams: tuple[str, ...] = ()
    # How the sources were aligned, for the recording; `a` and `b` apply it.
    alignment: Alignment | None = None

    @property
    def grid_rate(self) -> float | None:
        """How many frames per second are enough; None if all are wanted."""
        return None if self.all_frames else self.settings.rate

    @property
    def path(self) -> Path | None:
        """Where it is recorded, unless the name is taken; None if it is not."""
        if self.output is None or not self.video or self.output.stem.endswith(VIDEO_STEM_SUFFIX):
            return self.output
        return self.output.with_name(f"{self.output.stem}{VIDEO_STEM_SUFFIX}{self.output.suffix}")


def start_live(
    request: SessionRequest,
    announce: Callable[[str], None],
    *,
    opening: ContextFactory = nullcontext,
) -> "LiveSession":
    """Open everything a live session needs; takes seconds, and may be called on any thread.

    The request's `seconds` are for the caller to pass on to `run`. `announce` is called with a line
    about what takes long: fetching the model, at the first start. `opening` returns the context in
    which the sources are opened. Raise MirrorError if something cannot be computed, opened, fetched
    or written. Everything is closed then, and no file is left.
    """
    from mirror.session.live import LiveSession

    Scoring(SettingsHistory(request.settings))  # raises if they cannot be computed, at no cost
    if (exercise := request.exercise) is not None:
        Scoring(SettingsHistory(exercise.settings(request.settings)))
    with _log_errors(), opening():
        texts = with_delay(request.a, request.b)
        a, b = capture.open_pair(*texts, loop=True, reopen=True, grid_rate=request.grid_rate)
    if isinstance(a, Source) or isinstance(b, Source):  # else OpenCV is not needed
        from mirror._support.opencv import cv2

        cv2.setNumThreads(1)  # more would wait for cores that the trackers keep busy
    with ExitStack() as undo:
        undo.callback(a.close)
        undo.callback(b.close)
        for source in (a, b):
            if isinstance(source, PoseSource) and not source.live:
                raise SourceError(f"{source.text} is recorded: analyze it as a file")
        if exercise is not None:
            exercise = with_target(exercise, request.a)
        undo.pop_all()
    session = _start(LiveSession, (a, b), request, announce)
    session.names = request.labels
    if exercise is not None:
        session.practise(exercise)
    return session


def start_offline(
    request: SessionRequest,
    announce: Callable[[str], None],
    *,
    opening: ContextFactory = nullcontext,
) -> "OfflineSession":
    """Open everything an offline session needs; as `start_live`."""
    from mirror.clocks.videos import note_offset
    from mirror.session.offline import OfflineSession

    Scoring(SettingsHistory(request.settings))
    with _log_errors(), opening():
        a, b = capture.open_pair(request.a, request.b, grid_rate=request.grid_rate)
    for source in (a, b):
        if source.live:
            a.close()
            b.close()
            raise SourceError(
                f"{source.text} has no end, so it cannot be analyzed; start it as a live session"
            )
    session = _start(OfflineSession, (a, b), request, announce, every_frame=True)
    session.grid_rate, session.jobs = request.grid_rate, 1 if request.video else request.jobs
    if request.alignment is None and (note := note_offset(request.a, request.b)):
        session.notes.append(note)
        session.warnings.append(note)
    return session


def analyze(
    a: str,
    b: str,
    output: Path,
    *,
    settings: Settings | None = None,
    model: Path | None = None,
    labels: tuple[str, str] = ("A", "B"),
    all_frames: bool = False,
    jobs: int = 1,
    progress: Callable[[float, float | None], None] | None = None,
    track_chunk: "Track | None" = None,
) -> "OfflineResult":
    """Score two recorded sources into a new recording.

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
    all_frames : bool
        Whether to track every frame of a video that has more of them than the grid needs.
    jobs : int
        How many processes track long videos; the result does not depend on it. A script that uses
        more than one needs ``if __name__ == "__main__":`` around its work.
    progress : callable, optional
        Called with the seconds done and, where known, the seconds in all.
    track_chunk : callable, optional
        What tracks a chunk of a long video, in place of this process.

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
        a=a,
        b=b,
        settings=settings or Settings(),
        model=model,
        output=output,
        labels=labels,
        all_frames=all_frames,
        jobs=jobs,
    )
    session = start_offline(request, lambda _: None)
    session.track_chunk = track_chunk
    with closing(session.run()) as updates:
        for update in updates:
            if progress is not None:
                progress(update.time, session.duration)
    assert session.result is not None
    return session.result


def default_name() -> Path:
    """Return where to record a session that starts now, unless the user names a file."""
    return Path("recordings") / time.strftime(f"%Y-%m-%d_%H-%M-%S{SUFFIX}")


@contextmanager
def _log_errors() -> Iterator[None]:
    try:
        yield
    except MirrorError as error:
        _log.error("the session does not start: %s", describe_error(error))
        raise


def _start(
    kind: "type[S]",
    sources: tuple[FeedSource, FeedSource],
    request: SessionRequest,
    announce: Callable[[str], None],
    *,
    every_frame: bool = False,
) -> "S":
    with _log_errors(), ExitStack() as undo:
        for source in sources:
            undo.callback(source.close)
        signals = Signals(*(source.series for source in sources))
        feeds_with_frames = [
            feed for feed, source in zip(FEEDS, sources, strict=True) if isinstance(source, Source)
        ]
        if request.video and not feeds_with_frames:
            both = " and ".join(source.text for source in sources)
            raise SourceError(f"{both} have no video to record: record without video")
        streams = [undo.enter_context(open_stream(text)) for text in request.streams]
        model, tracker, people = None, None, None
        if feeds_with_frames:
            model = provide_model(request.model, announce=announce)
            from mirror.identity.tracker import PeopleTracker  # imports OpenCV

            tracker = partial(PoseTracker, model.path)
            people = partial(PeopleTracker, model.path)
        recorder, videos = None, None
        if request.path is not None:
            recorder = _make_recorder(request, request.path, sources, model, signals)
            undo.callback(recorder.discard)
            if request.video:
                videos = _make_video_writers(recorder, feeds_with_frames, undo, every=every_frame)
        session = kind(
            *sources,
            request.settings,
            tracker=tracker,
            people=people,
            recorder=recorder,
            videos=videos,
            streams=streams,
        )
        undo.pop_all()
        return session


def _make_recorder(
    request: SessionRequest,
    path: Path,
    sources: tuple[FeedSource, FeedSource],
    model: Model | None,
    signals: Signals,
) -> Recorder:
    about: dict[str, Any] = {
        "labels": dict(zip(FEEDS, request.labels, strict=True)),
        "condition": request.condition,
        "notes": request.notes,
        **signals.to_session(),
    }
    if request.alignment is not None:
        about["alignment"] = request.alignment.to_session()
    if request.consent:
        about["consent"] = {"text": request.consent, "time": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
    texts = (sources[0].text, sources[1].text)
    return Recorder(path, session_metadata(request.settings, texts, model, **about))


def _make_video_writers(
    recorder: Recorder, feeds_with_frames: list[Feed], undo: ExitStack, *, every: bool
) -> "dict[Feed, VideoWriter]":
    from mirror.recording.video import VideoWriter

    both = video_paths(recorder.path)
    paths = {feed: both[feed] for feed in feeds_with_frames}
    writers: dict[Feed, VideoWriter] = {}
    for feed, path in paths.items():
        writers[feed] = VideoWriter(path, every=every)
        undo.callback(writers[feed].discard)
    recorder.update_session({"video": {feed: path.name for feed, path in paths.items()}})
    return writers
