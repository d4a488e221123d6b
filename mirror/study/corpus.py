"""What a study's folder holds: its dyads, and tidy tables of them."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from mirror._support.atomic import naming_failures
from mirror._support.optional import import_optional
from mirror.columns import TIMELINE, definitions
from mirror.errors import StudyError
from mirror.export.delimited import escape_formula
from mirror.report.write import write_file
from mirror.settings import Settings
from mirror.study.run import Outcome, read_facts, read_object, run, stem
from mirror.study.table import EXTRA, SHARES, STUDY_FILE, SUMMARY, Cell, read_table
from mirror.timeline import COLUMNS

NOT_RUN: Final = "not run yet"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A study that was run."""

    folder: Path
    ran: Mapping[str, Any]  # its table, and the settings and the model of the run
    about: dict[str, dict[str, Cell]]  # the table's own columns, by the id of the dyad
    facts: dict[str, dict[str, Any]]  # what `mirror.study.run` stored of them
    failures: list[tuple[str, str]]  # ids of the others, and why they have none

    @classmethod
    def read(cls, folder: Path, *, scored: bool = True) -> "Corpus":
        """Read a study's folder; raise StudyError if it is none, or nothing in it is `scored`."""
        ran = read_object(folder / STUDY_FILE, "dyads", "settings")
        about = ran.pop("dyads", {})
        if not ran or not all(isinstance(each, dict) for each in about.values()):
            raise StudyError(f"{folder} holds no study that was run; run its table first")
        facts = {each: found for each in about if (found := read_facts(folder, each))}
        if scored and not facts:
            raise StudyError(f"{folder} has no dyad with scores; see its failures.csv")
        rows: list[list[str]] = []
        with suppress(OSError, ValueError, csv.Error):  # it only says why
            text = (folder / "failures.csv").read_bytes().decode()
            rows = [*csv.reader(io.StringIO(text, newline=""))][1:]
        missing = {each: NOT_RUN for each in about if each not in facts}
        missing |= {row[0]: row[1] for row in rows if len(row) == 2 and row[0] not in facts}
        about = {each: about[each] for each in facts} if scored else about
        return cls(folder, ran, about, facts, list(missing.items()))

    @classmethod
    def open(cls, path: Path) -> "Corpus":
        """Read a study's folder, or that of a table, which need not have been run yet."""
        path = path.parent if path.name == STUDY_FILE else path
        if os.path.isdir(path):  # noqa: PTH112 (the path may be too long)
            return cls.read(path, scored=False)
        table = path.absolute()
        for each in sorted(table.parent.glob(f"*/{STUDY_FILE}")):
            other = str(read_object(each, "dyads", "settings").get("table"))
            if Path(other).resolve() == table.resolve():
                return cls.read(each.parent, scored=False)
        study = read_table(table)
        about = {each.id: dict(each.about) for each in study.dyads}
        failed = [*study.problems, *((each, NOT_RUN) for each in about)]
        place = table.with_name(f"{table.stem} scored")
        if os.path.exists(str(read_object(place / STUDY_FILE).get("table"))):  # noqa: PTH110
            place = table.with_name(f"{table.name} scored")  # that one is another table's
        return cls(place, {"table": str(table)}, about, {}, failed)

    @property
    def settings(self) -> Settings:
        """Those of the last run, or the default ones."""
        return Settings.from_dict(self.ran.get("settings", {}))

    def run_again(
        self, settings: Settings, workers: int | None, idle: Callable[[], None]
    ) -> Generator[Outcome]:
        """Run the study again, with the model of its last run; see `mirror.study.run.run`."""
        model = Path(self.ran["model"]) if isinstance(self.ran.get("model"), str) else None
        study = read_table(Path(str(self.ran["table"])))
        return run(study, self.folder, settings, model, workers=workers, idle=idle)

    def digest(self) -> str:
        """Return a digest of all scores and columns, which tests of them are kept with."""
        made_of = {each: (facts["key"], self.about[each]) for each, facts in self.facts.items()}
        return hashlib.sha256(repr(made_of).encode()).hexdigest()

    def load(self, dyad: str, suffix: str) -> Any:
        """Return a dyad's file of arrays; raise StudyError if it is missing or damaged."""
        path = stem(self.folder, dyad).with_suffix(suffix)
        try:
            if suffix == ".npy":
                return np.load(path, mmap_mode="r")
            with path.open("rb") as file:  # NumPy leaves a damaged one open
                return dict(np.load(file))
        except (OSError, ValueError, EOFError, BadZipFile) as error:
            raise StudyError(
                f"{path} is missing or damaged; delete {path.with_suffix('.json')} and repeat "
                "mirror study run"
            ) from error

    def frame(self, name: str) -> Any:
        """Return the "dyads", "people", "windows" or "exercises" as a pandas data frame."""
        pandas: Any = import_optional("pandas", EXTRA, "a study")
        rows: list[dict[str, Any]] = []
        for each, facts in self.facts.items():
            head, means, summary = {"id": each} | self.about[each], facts["means"], facts["summary"]
            if name == "dyads":
                shares = {f"share_{share}": summary.get(share, np.nan) for share in SHARES}
                more = {key: summary.get(key, np.nan) for key in SUMMARY}
                rows.append(head | means | shares | more)
            elif name == "exercises":
                rows += [head | result for result in facts["results"]]
            elif name == "people":
                for feed in "ab":
                    own = {key: means[f"{key}_{feed}"] for key in ("tracked", "energy")}
                    taken = summary.get(f"mimicry_by_{feed}", np.nan)
                    own |= {"feed": feed, "led": summary[f"{feed}_led"], "mimicry": taken}
                    person = head.get(f"person_{feed}") or f"{each} {feed.upper()}"
                    rows.append(head | {"person": person} | own)
            else:
                stored = self.load(each, ".npz")
                rows.append(head | {column: stored[column] for column in COLUMNS})
        if name != "windows":
            return pandas.DataFrame(rows)
        return pandas.concat(map(pandas.DataFrame, rows), ignore_index=True)

    def export(self, kind: str, folder: Path, *, replace: bool) -> list[Path]:
        """Write all tables as "csv" or "parquet", and what their columns mean; return the files."""
        if kind not in ("csv", "parquet"):
            raise StudyError(f"a study is exported to parquet or csv, not {kind!r}")
        with naming_failures(folder):
            folder.mkdir(parents=True, exist_ok=True)
        meaning = json.dumps(definitions(windows=TIMELINE), ensure_ascii=False, indent=1)
        written = [folder / "columns.json"]
        write_file(written[0], lambda file: file.write_text(meaning, "utf-8"), replace=replace)
        for name in ("dyads", "people", "windows", "exercises"):
            frame = self.frame(name)
            if kind == "csv":
                for column in frame.select_dtypes(exclude="number"):
                    frame[column] = [escape_formula(str(each)) for each in frame[column]]
            write = frame.to_parquet if kind == "parquet" else partial(frame.to_csv, index=False)
            written.append(folder / f"{name}.{kind}")
            write_file(written[-1], write, replace=replace)
        return written
