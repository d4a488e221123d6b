"""Simulated corpora whose effects are known: movement, without landmarks or files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from docs.corpus import write_corpus
from mirror import Settings
from mirror.analysis.pseudo_dyads import Compact, compact
from mirror.analysis.surrogates import pair_matrices
from mirror.estimator.movement import BODY
from mirror.estimator.spectrum import Plan
from mirror.estimator.windows import disjoint_window_spectra
from mirror.validation.simulated import RATE, bursts, follower, gestures, to_movement
from tests.support.once import make_once

PLAN = Plan.of(Settings(rate=RATE), BODY)
LAG_S = 0.5


@dataclass(frozen=True)
class Dyad:
    """Spectra, and the height of mirroring in each window that has one."""

    spectra: Compact
    mirroring: NDArray[np.float64]


def corpus_of_four(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with four recordings of half a minute and their table, not to be changed."""

    def make() -> Path:
        folder = factory.mktemp("corpus")
        write_corpus(folder, 4, 30)
        return folder

    return make_once(factory, "corpus of four", make)


def dyad(coupling: float, seconds: float, rng: np.random.Generator, missing: float = 0.05) -> Dyad:
    """Return two people, the second of whom follows; a share of each one's frames is missing."""
    lag = round(LAG_S * RATE)
    leader = gestures(round(seconds * RATE) + lag, rng)
    people = []
    for sources in (leader[lag:], follower(leader, lag, coupling, rng)):
        gone = bursts(len(sources), missing, rng)
        people.append(to_movement(np.where(gone[:, None], np.nan, sources), rng))
    a, b = people
    windows = disjoint_window_spectra(PLAN, np.arange(len(a.present)) / RATE, a, b)
    heights = np.diagonal(pair_matrices(PLAN, windows, windows)["mirroring", "body"])
    return Dyad(compact(windows), heights[np.isfinite(heights)])


def tables(
    dyads: Sequence[Dyad], conditions: Sequence[str], outcome: NDArray[np.float64]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the dyads' table and the windows' table of a corpus."""
    frame = pd.DataFrame(
        {
            "id": [f"d{number}" for number in range(len(dyads))],
            "condition": conditions,
            "outcome": outcome,
            "mirroring": [each.mirroring.mean() for each in dyads],
        }
    )
    counts = [len(each.mirroring) for each in dyads]
    windows = frame.loc[np.repeat(np.arange(len(dyads)), counts)].reset_index(drop=True)
    windows["mirroring"] = np.concatenate([each.mirroring for each in dyads])
    return frame, windows
