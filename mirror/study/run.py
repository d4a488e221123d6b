"""Score all dyads of a study in parallel, into files of one folder.

A dyad is a task: its videos are tracked into a recording, and the recording is scored. What is
there already and was made from the same contents, settings and versions is kept, so that a run that
was ended goes on, and other settings cost the scores only. The folder has

- ``study.json``: the table as it was run, and the settings;
- ``recordings/ID.KEY.mirror``: what was tracked;
- ``scores/ID.npz``, ``ID.npy``, ``ID.json``: rows of windows that do not overlap, their spectra for
  tests between dyads, and, last, what else is known: with it the dyad is complete;
- ``failures.csv``: which dyads have no scores, and why.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import io
import json
import logging
import signal
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from mirror._support.atomic import replace_file
from mirror._support.jsonable import to_jsonable
from mirror._support.optional import import_optional
from mirror._support.process import redirect_native_stderr
from mirror.analysis.pseudo_dyads import compact
from mirror.capture import parse
from mirror.errors import MirrorError, RecordingError, SourceError, StudyError
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra, unbroken
from mirror.recording.database import SUFFIX
from mirror.recording.provenance import versions
from mirror.recording.reader import Recording
from mirror.recording.rescore import RecordedMovement
from mirror.settings import Settings
from mirror.study.table import EXTRA, Dyad, Study
from mirror.summary import summarize
from mirror.timeline import COLUMNS, LEVELS, State

FORMAT: Final = 1
"""Of the files in ``scores``; another one scores again."""

_WORKER_BYTES: Final = 1.5e9  # that tracks two videos, or scores an hour
_CONNECT_S: Final = 10.0
_TRACKERS: Final = ("mirror-synchrony", "mediapipe", "opencv-contrib-python", "av")
_SCORERS: Final = ("mirror-synchrony", "numpy")
_NOT_AVERAGED: Final = ("relative_phase_deg", "lag_s")  # circular, and around 0


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is given: a dyad, and where and how to score it."""

    dyad: Dyad
    folder: Path
    settings: Settings
    model: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a dyad: "scored", "kept" or "failed", and why it failed."""

    id: str
    state: str
    why: str = ""


def stem(folder: Path, dyad_id: str) -> Path:
    """Return the files of a dyad's scores, without their suffix; ids may hold any letters."""
    return folder / "scores" / quote(dyad_id, safe=" ").replace(".", "%2E")


def run(
    study: Study,
    folder: Path,
    settings: Settings,
    *,
    model: Path | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
) -> Generator[Outcome]:
    """Score what is missing or out of date, and yield what becomes of each dyad, as it does.

    Parameters
    ----------
    study : Study
    folder : Path
    settings : Settings
        Of all dyads, except for what their rows say.
    model : Path, optional
        A pose model in place of the built-in one.
    scheduler : str, optional
        Address of a Dask cluster whose workers see the same files; by default a local one is begun.
    workers : int, optional
        Processes of the local cluster, by default as many as cores and memory allow; 0 scores in
        this process.

    Raises
    ------
    StudyError
        If the folder cannot be written, or there is no such cluster.
    """
    tasks = [Task(each, folder.resolve(), settings, model) for each in study.dyads]
    about = {
        "dyads": [{"id": each.id, "about": each.about} for each in study.dyads],
        "settings": settings.to_dict(),
        "versions": versions(),
    }
    failed = [Outcome(row, "failed", why) for row, why in study.problems]
    try:
        for name in ("scores", "recordings"):
            (folder / name).mkdir(0o700, parents=True, exist_ok=True)
        replace_file(folder / "study.json", _json(about))
        yield from failed
        for outcome in map(score, tasks) if workers == 0 else _spread(tasks, scheduler, workers):
            if outcome.state == "failed":
                failed.append(outcome)
            yield outcome
        table = io.StringIO()
        csv.writer(table).writerows([("id", "why"), *((each.id, each.why) for each in failed)])
        replace_file(folder / "failures.csv", table.getvalue().encode())
    except OSError as error:
        raise StudyError(f"cannot write {folder}: {error.strerror or error}") from error


def _spread(tasks: list[Task], scheduler: str | None, workers: int | None) -> Iterator[Outcome]:
    distributed: Any = import_optional("distributed", EXTRA, "mirror study run")
    system: Any = import_optional("distributed.system", EXTRA, "mirror study run")
    cores = import_optional("dask.system", EXTRA, "mirror study run").CPU_COUNT
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the outcomes say it
    with ExitStack() as stack:
        if scheduler is None:
            fit = min(cores, int(system.MEMORY_LIMIT / _WORKER_BYTES), len(tasks))
            options = {"threads_per_worker": 1, "dashboard_address": None, "memory_limit": 0}
            cluster = distributed.LocalCluster(
                workers or max(1, fit), preload=[__name__], **options
            )
            scheduler = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(distributed.Client(scheduler, timeout=_CONNECT_S))
        except (OSError, ValueError) as error:
            raise StudyError(
                f"there is no Dask scheduler at {scheduler}; start one, or leave it out"
            ) from error
        futures = {client.submit(score, task, pure=False): task.dyad.id for task in tasks}
        for future in distributed.as_completed(futures):
            dyad_id, failure = futures.pop(future), future.exception()
            # A worker that was killed again and again, or a bug.
            why = failure and f"{type(failure).__name__}: {failure}".partition("\n")[0]
            yield Outcome(dyad_id, "failed", why) if why else future.result()


def dask_setup(_worker: object) -> None:
    """Prepare a process of the local cluster, as Dask calls it: quiet, and ended by its parent."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    redirect_native_stderr()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def score(task: Task) -> Outcome:
    """Score a dyad if its scores are missing or out of date."""
    try:
        return Outcome(task.dyad.id, "scored" if _score(task) else "kept")
    except (MirrorError, OSError) as error:  # a disk may be full, or a drive gone
        stem(task.folder, task.dyad.id).with_suffix(".json").unlink(missing_ok=True)
        return Outcome(task.dyad.id, "failed", str(error))


def _score(task: Task) -> bool:
    place = stem(task.folder, task.dyad.id)
    before: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        before = json.loads(place.with_suffix(".json").read_bytes())
    settings = task.dyad.settings_over(task.settings)
    files: dict[str, list[Any]] = {}
    path = _recording(task, settings, before.get("files", {}), files)
    sums = [digest for *_, digest in files.values()]
    key = _key(_SCORERS, FORMAT, settings.to_dict(), path.name, sums)
    if before.get("key") == key:
        return False
    place.with_suffix(".json").unlink(missing_ok=True)
    with Recording.open(path) as recording:
        movement = RecordedMovement.read(recording, settings.rate)
        session, results = recording.session, recording.results()
    timeline = movement.score(settings, lambda _done, _total: None)
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
    np.savez_compressed(file, counts=stored.counts, **windows)
    replace_file(place.with_suffix(".npz"), file.getvalue())
    file = io.BytesIO()
    np.save(file, stored.values)
    replace_file(place.with_suffix(".npy"), file.getvalue())
    facts = {
        "key": key,
        "files": files,
        "recording": str(path),
        "settings": settings.to_dict(),
        "signals": session.get("signals"),
        "warnings": session.get("quality", {}).get("warnings", []),
        "summary": asdict(summarize(timeline)),
        "means": _means(windows),
        "results": [each.to_dict() for each in results],
    }
    replace_file(place.with_suffix(".json"), _json(facts))
    return True


def _recording(
    task: Task, settings: Settings, before: dict[str, Any], files: dict[str, list[Any]]
) -> Path:
    """Return the dyad's recording, tracked if it is not there; note what it was made of."""
    if task.dyad.recording is not None:
        files[task.dyad.a] = _content(task.dyad.recording, before.get(task.dyad.a))
        return task.dyad.recording
    # They take seconds to import.
    from mirror.capture.pose_model import provide_model
    from mirror.session.start import analyze

    made_of = []
    for text in task.dyad.sources():
        address = parse(text)
        if address.kind == "file":
            files[text] = _content(Path(address.base.removeprefix("series:")), before.get(text))
            address = replace(address, text="", base=files[text][2])
        made_of.append(repr(address))
    model = provide_model(task.model)
    key = _key(_TRACKERS, made_of, settings.rate, model.sha256)
    folder, name = task.folder / "recordings", stem(task.folder, task.dyad.id).name
    path = folder / f"{name}.{key}{SUFFIX}"
    if not path.exists():
        part = folder / f".{name}{SUFFIX}"
        for left in folder.glob(f"{part.name}*"):  # by a worker that was killed
            left.unlink()
        about = task.dyad.about
        labels = str(about.get("person_a") or "A"), str(about.get("person_b") or "B")
        made = analyze(
            *task.dyad.sources(), part, settings=settings, model=task.model, labels=labels
        )
        if made.path is None:
            raise SourceError(made.faults[0])
        for older in folder.glob(f"{glob.escape(name)}.*{SUFFIX}"):
            older.unlink()
        made.path.replace(path)
    return path


def _content(path: Path, before: list[Any] | None) -> list[Any]:
    """Return size, time and SHA-256 of a file, which is read only if the first two are new."""
    try:
        stat = path.stat()
        if before is not None and before[:2] == [stat.st_size, stat.st_mtime_ns]:
            return before
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; check the table") from error
    return [stat.st_size, stat.st_mtime_ns, digest]


def _means(windows: Mapping[str, NDArray[Any]]) -> dict[str, float]:
    """Return the means of the scored windows, of all columns that may be averaged."""
    scored = windows["state"] == State.OK
    numbers = [each for each in COLUMNS if each not in (*LEVELS, "time_s", *_NOT_AVERAGED)]
    means = {name: windows[name][scored] for name in numbers}
    return {
        "windows": float(scored.sum()),
        "scored": float(scored.mean()),
        **{
            name: float(np.nanmean(each)) for name, each in means.items() if np.isfinite(each).any()
        },
    }


def _key(packages: tuple[str, ...], *parts: object) -> str:
    found = versions()
    return hashlib.sha256(_json([*map(found.get, packages), *parts])).hexdigest()[:16]


def _json(value: object) -> bytes:
    return json.dumps(to_jsonable(value), ensure_ascii=False).encode()
