"""Score all dyads of a study in parallel, into files of one folder.

A dyad is a task: its videos are tracked into ``recordings/ID.KEY.mirror``, and that is scored into
``scores/ID.npz`` (rows of windows that do not overlap), ``ID.npy`` (their spectra, for tests
between dyads) and, last, ``ID.json``, with which the dyad is complete. With Dask, chunks of long
videos are tasks before it. What was made from the same contents, settings and versions is kept, so
that a run that was ended goes on. Recordings of other contents or versions stay too: people may
have worked on them.
"""

import csv
import glob
import hashlib
import io
import json
import logging
import re
import signal
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from mirror._support.atomic import naming_failures, replace_file
from mirror._support.jsonable import to_jsonable
from mirror._support.numeric import finite_mean
from mirror._support.optional import import_optional
from mirror._support.process import redirect_native_stderr, reuse_freed_memory
from mirror.analysis.pseudo_dyads import compact
from mirror.capture import open_pair, parse
from mirror.errors import MirrorError, RecordingError, SourceError, StudyError
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra, unbroken
from mirror.recording.database import SUFFIX
from mirror.recording.library import thumbnail
from mirror.recording.provenance import versions
from mirror.recording.reader import Recording
from mirror.recording.rescore import RecordedMovement
from mirror.settings import Settings
from mirror.study.table import EXTRA, STUDY_FILE, Dyad, Study
from mirror.summary import summarize
from mirror.timeline import COLUMNS, LEVELS, State

_FORMAT: Final = 2  # of the files in ``scores``
_MAX_NAME: Final = 150  # letters of a dyad's id in the names of its files
_WORKER_BYTES: Final = 1.5e9  # that tracks two videos, or scores an hour
_CONNECT_S: Final = 10.0
_POLL_S: Final = 0.1
_TRACKERS: Final = ("mirror-synchrony", "mediapipe", "opencv-contrib-python", "av")
_SCORERS: Final = ("mirror-synchrony", "numpy")
_HALF: Final = re.compile(rf"\.(?:[^.]+|.+\.part){re.escape(SUFFIX)}")  # a file being written
_NOT_AVERAGED: Final = ("time_s", "relative_phase_deg", "lag_s")

Idle = Callable[[], None]
Content = Callable[[Path], str]  # a digest of a file
Outcome = tuple[str, str, str]  # id; "scored", "kept" or "failed"; and why it failed


def stem(folder: Path, dyad_id: str) -> Path:
    """Return the files of a dyad's scores, without their suffix; ids may hold any letters."""
    name = quote(dyad_id, safe=" ").replace(".", "%2E")
    if len(name) > _MAX_NAME:  # with what is added, too long for most disks
        name = f"{name[:_MAX_NAME]}~{_key((), dyad_id)}"
    return folder / "scores" / name


def read_facts(folder: Path, dyad_id: str) -> dict[str, Any]:
    """Return what was stored of a dyad; empty if that is missing or damaged."""
    path = stem(folder, dyad_id).with_suffix(".json")
    return read_object(path, "files", "settings", "summary", "means")


def read_object(path: Path, *parts: str) -> dict[str, Any]:
    """Return a file's object with these objects in it, null as NaN; empty if it has none."""

    def with_nan(values: dict[str, Any]) -> dict[str, Any]:
        return {name: np.nan if value is None else value for name, value in values.items()}

    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        found = json.loads(path.read_bytes(), object_hook=with_nan)
        if all(isinstance(found[each], dict) for each in parts):
            return dict(found)
    return {}


def run(
    study: Study,
    folder: Path,
    settings: Settings,
    model: Path | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    idle: Idle = lambda: None,
) -> Generator[Outcome]:
    """Score what is missing or out of date, and yield what becomes of each dyad, as it does.

    The settings are of all dyads, except for what their rows say; a model is in place of the
    built-in one. The scheduler is the address of a Dask cluster whose workers see the same files;
    by default a local one is begun, with so many worker processes, by default as many as cores and
    memory allow; 0 scores in this process. `idle` is called several times a second; what it raises
    ends the run.
    """
    if scheduler is not None and workers is not None:
        raise StudyError("--workers is of a cluster started here: leave it or --scheduler out")
    one = partial(score, folder=folder.resolve(), settings=settings, model=model)
    failed: list[Outcome] = [(row, "failed", why) for row, why in study.problems]
    about = {each.id: each.about for each in study.dyads}
    with naming_failures(folder):
        for name in ("scores", "recordings"):
            (folder / name).mkdir(0o700, parents=True, exist_ok=True)
        ran: dict[str, Any] = {"table": str(study.path.absolute()), "dyads": about}
        ran |= {"settings": settings.to_dict(), "model": model and str(model.absolute())}
        other = Path(str(read_object(folder / STUDY_FILE).get("table")))
        if other.exists() and not other.samefile(study.path):
            raise StudyError(f"{folder} holds the run of {other}: give another folder")
        replace_file(folder / STUDY_FILE, _json(ran))
        with suppress(OSError):  # if it cannot be written, that is reported at the end
            (folder / "failures.csv").unlink()
        _delete_halves(folder / "recordings")
        try:
            yield from failed
            here = map(partial(one, idle=idle), study.dyads) if workers == 0 else None
            for outcome in here or _spread(one, study.dyads, scheduler, workers):
                if outcome and outcome[2]:
                    failed.append(outcome)  # a killed worker may have left older scores
                    stem(folder, outcome[0]).with_suffix(".json").unlink(missing_ok=True)
                if outcome:
                    yield outcome
                idle()
        finally:
            if scheduler is None:  # by now the workers have ended
                _delete_halves(folder / "recordings")
            table = io.StringIO()
            csv.writer(table).writerows([("id", "why"), *((each, why) for each, _, why in failed)])
            with naming_failures(folder / "failures.csv"):
                replace_file(folder / "failures.csv", table.getvalue().encode())


def _spread(
    one: Any, dyads: Sequence[Dyad], scheduler: str | None, workers: int | None
) -> Iterator[Outcome | None]:
    """Yield what becomes of the dyads, and None several times a second until one is done."""
    names = "distributed", "distributed.system", "dask.system"
    distributed, system, dask = (import_optional(n, EXTRA, "mirror study run") for n in names)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the outcomes say it
    with ExitStack() as stack:
        if scheduler is None:
            fit = min(dask.CPU_COUNT, int(system.MEMORY_LIMIT / _WORKER_BYTES))
            if not any(each.b for each in dyads):  # nothing can be cut into chunks
                fit = min(fit, len(dyads))
            more = {"dashboard_address": "127.0.0.1:0", "threads_per_worker": 1, "memory_limit": 0}
            more |= {"n_workers": workers or max(1, fit), "preload": [__name__]}
            cluster = distributed.LocalCluster(**more)
            scheduler = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(distributed.Client(scheduler, timeout=_CONNECT_S))
        except (OSError, ValueError) as error:
            raise StudyError(
                f"there is no Dask scheduler at {scheduler}; start one, or leave it out"
            ) from error
        cut = partial(chunk_tasks, **one.keywords)
        futures = {client.submit(cut if d.b else one, d, pure=False): d for d in dyads}
        ended = distributed.as_completed(futures)
        while futures:
            while not ended.has_ready():
                time.sleep(_POLL_S)
                yield None
            future = next(ended)
            dyad, failure = futures.pop(future), future.exception()
            if failure:  # a worker that was killed again and again, or a bug
                yield dyad.id, "failed", f"{type(failure).__name__}: {failure}".partition("\n")[0]
            elif isinstance(found := future.result(), list):
                # Before other dyads are begun, so that few are half done at a time.
                done = [client.submit(each, pure=False, priority=1) for each in found]
                last = client.submit(lambda d, _: one(d), dyad, done, pure=False, priority=2)
                futures[last] = dyad
                ended.add(last)
            else:
                yield found


def dask_setup(_worker: object) -> None:
    """Prepare a process of the local cluster, as Dask calls it: quiet, and ended by its parent."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    redirect_native_stderr()
    reuse_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def chunk_tasks(dyad: Dyad, folder: Path, settings: Settings, model: Path | None) -> list[Any]:
    """Return a task for each chunk of a dyad's videos; none if they need not or cannot be cut."""
    from mirror.session.chunks import ChunkFiles  # takes seconds to import

    with suppress(MirrorError, OSError):  # `score` says it
        used = Settings.from_dict(dyad.settings, base=settings)
        known = read_object(stem(folder, dyad.id).with_suffix(".json"), "files").get("files", {})
        path = _recording(dyad, folder, used, model, partial(_content, known, {}))
        if not path.exists():
            a, b = open_pair(*dyad.sources(), grid_rate=used.rate)
            with closing(a), closing(b):
                return ChunkFiles(path, model).tasks(a, b, used.rate)
    return []


def score(
    dyad: Dyad, folder: Path, settings: Settings, model: Path | None, idle: Idle = lambda: None
) -> Outcome:
    """Score a dyad if its scores are missing or out of date."""
    try:
        used = Settings.from_dict(dyad.settings, base=settings)
        return dyad.id, "scored" if _score(dyad, folder, used, model, idle) else "kept", ""
    except (MirrorError, OSError) as error:  # a disk may be full, or a drive gone
        return dyad.id, "failed", str(error)


def _score(dyad: Dyad, folder: Path, settings: Settings, model: Path | None, idle: Idle) -> bool:
    place = stem(folder, dyad.id)
    before = read_object(place.with_suffix(".json"), "files")
    files: dict[str, list[Any]] = {}
    content = partial(_content, before.get("files", {}), files)
    if dyad.b:
        path = _recording(dyad, folder, settings, model, content)
        if not path.exists():
            _track(dyad, path, settings, model, idle)
    else:
        content(path := Path(dyad.a))
    sums = [digest for *_, digest in files.values()]
    key = _key(_SCORERS, _FORMAT, settings.to_dict(), path.name, sums)
    if before.get("key") == key:
        return False
    place.with_suffix(".json").unlink(missing_ok=True)
    with Recording.open(path) as recording:
        movement = RecordedMovement.read(recording, settings.rate)
        signals, results = recording.signals, recording.results()
    timeline = movement.score(settings, lambda _done, _total: idle())
    plan = Plan.of(settings, movement.layout)
    people = movement.people[settings.mapping]
    length = len(plan.taper)
    parts = unbroken(movement.times, settings.rate)
    ends = np.concatenate([movement.times[part][length - 1 :: length] for part in parts])
    stored = compact(disjoint_window_spectra(plan, movement.times, *people))
    if not np.isfinite(stored.values).any():
        states = [str(each) for each in timeline.state] or ["empty"]
        raise RecordingError(
            f"no window of {path.name} has scores; most of its rows are "
            f"{max(states, key=states.count)} (window {settings.window:g} s)"
        )
    at = np.searchsorted(timeline.time_s, ends - 1e-6)  # the first rows of whole windows
    at = at[at < len(timeline)]
    windows: dict[str, Any] = {name: timeline[name][at] for name in COLUMNS}
    file = io.BytesIO()
    np.savez_compressed(file, counts=stored.counts, present=stored.present, **windows)
    replace_file(place.with_suffix(".npz"), file.getvalue())
    file = io.BytesIO()
    np.save(file, stored.values)
    replace_file(place.with_suffix(".npy"), file.getvalue())
    facts = {
        "key": key,
        "files": files,
        "recording": str(path),
        "settings": settings.to_dict(),
        "signals": [signals.a or (), signals.b or ()],
        "summary": asdict(summarize(timeline)),
        "means": _means(windows),
        "results": [each.to_dict() for each in results],
        "line": thumbnail(timeline).round(3),
    }
    replace_file(place.with_suffix(".json"), _json(facts))
    return True


def _recording(
    dyad: Dyad, folder: Path, settings: Settings, model: Path | None, content: Content
) -> Path:
    """Return the path of the recording of a dyad's sources, which need not be there."""
    from mirror.capture.pose_model import provide_model

    made_of = []
    for text in dyad.sources():
        address = parse(text)
        path = Path(address.base.removeprefix("series:"))
        if path.exists():
            address = replace(address, text="", base=content(path))
        if address.map is not None:
            made_of.append(content(path.parent / address.map))
        made_of.append(repr(address))
    key = _key(_TRACKERS, made_of, settings.rate, provide_model(model).sha256)
    return folder / "recordings" / f"{stem(folder, dyad.id).name}.{key}{SUFFIX}"


def _track(dyad: Dyad, path: Path, settings: Settings, model: Path | None, idle: Idle) -> None:
    from mirror.session.chunks import ChunkFiles
    from mirror.session.start import analyze

    part = path.with_name(f".{path.name.partition('.')[0]}{SUFFIX}")
    for left in path.parent.glob(glob.escape(f"{part.stem}.") + "*"):  # by a run that was ended
        if _HALF.match(left.name) or not left.name.startswith(f".{path.stem}."):
            left.unlink()
    labels = str(dyad.about.get("person_a") or "A"), str(dyad.about.get("person_b") or "B")
    how: dict[str, Any] = {"settings": settings, "model": model, "labels": labels}
    how |= {"track_chunk": ChunkFiles(path, model).track}
    made = analyze(*dyad.sources(), part, **how, progress=lambda _done, _total: idle())
    if made.path is None:
        raise SourceError(made.faults[0])
    with Recording.open(made.path) as recording:
        if "quality" not in recording.session:  # it is written last: the disk may be full
            raise SourceError("; ".join(made.faults))
    made.path.replace(path)
    for done in path.parent.glob(glob.escape(f".{path.stem}.") + "*"):  # chunks of it
        done.unlink()


def _delete_halves(recordings: Path) -> None:
    """Delete what tasks were writing when they were killed; they hold people's landmarks."""
    for path in recordings.glob(".*"):
        if _HALF.match(path.name):
            path.unlink(missing_ok=True)


def _content(old: dict[str, list[Any]], files: dict[str, list[Any]], path: Path) -> str:
    """Return the SHA-256 of a file or folder, and note it, read only if size or time are new."""
    try:
        stat = path.stat()
        known = old.get(str(path), [])
        if known[:2] != [stat.st_size, stat.st_mtime_ns]:
            digest = hashlib.sha256()
            for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
                with each.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
            known = [stat.st_size, stat.st_mtime_ns, digest.hexdigest()]
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; check the table") from error
    files[str(path)] = known
    return str(known[2])


def _means(windows: Mapping[str, NDArray[Any]]) -> dict[str, float]:
    """Return the means of the scored windows, of all columns that may be averaged."""
    scored = windows["state"] == State.OK
    numbers = [each for each in COLUMNS if each not in (*LEVELS, *_NOT_AVERAGED)]
    means = {name: finite_mean(windows[name][scored]) for name in numbers}
    return {"windows": float(scored.sum()), "scored": float(scored.mean())} | means


def _key(packages: tuple[str, ...], *parts: object) -> str:
    found = versions()
    return hashlib.sha256(_json([*map(found.get, packages), *parts])).hexdigest()[:16]


def _json(value: object) -> bytes:
    return json.dumps(to_jsonable(value), ensure_ascii=False).encode()
