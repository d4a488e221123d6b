"""One person's keypoints of another tracker as a source: tables, DeepLabCut, OpenPose, SLEAP.

Names are those of MediaPipe, COCO, BODY_25 and Halpe (``left_wrist``, ``LWrist``), or of the file
of ``#map``, with ``_x``, ``_y`` and, if there is one, a confidence, which becomes the visibility.
"""

import csv
import io
import json
import pickle
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror._support.optional import import_optional
from mirror._support.text_tables import open_text, parse_number, read_table
from mirror.capture.address import Address
from mirror.capture.base import PoseSource
from mirror.capture.lsl_channels import LABELS, PARTS, ChannelMap, find_landmarks, missing_labels
from mirror.errors import SourceError
from mirror.landmarks import MAX_TIME_S, Landmark, Pose, plain_label

_UPPER: Final = "Nose Neck RShoulder RElbow RWrist LShoulder LElbow LWrist"
_LEGS: Final = "RHip RKnee RAnkle LHip LKnee LAnkle REye LEye REar LEar"
_FEET: Final = "LBigToe LSmallToe LHeel RBigToe RSmallToe RHeel"
# OpenPose's keypoints in their order, by their number: BODY_25 and COCO.
_MODELS: Final = {25: f"{_UPPER} MidHip {_LEGS} {_FEET}".split(), 18: f"{_UPPER} {_LEGS}".split()}
_LABEL: Final = re.compile(
    r"(.*?)[\W_]*(?:([xyz])|visibility|confidence|conf|score|likelihood|[csv])", re.IGNORECASE
)
_UNREADABLE: Final = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, MemoryError),
    *(EOFError, RuntimeError, ArithmeticError, pickle.UnpicklingError, csv.Error),
)
_MAX_FRACTION: Final = 3.0  # larger positions are pixels


def _names() -> dict[str, str]:
    """Return MediaPipe's name of each landmark by all its names, as `plain_label` has them."""
    names: dict[str, str] = {}
    for mark in Landmark:
        side, _, part = mark.name.lower().partition("_")
        parts = [part, "bigtoe"] if part == "foot_index" else [part]
        forms = [f"{start}{each}" for each in parts for start in (side, side[0])]
        names |= {plain_label(form): mark.name.lower() for form in (mark.name, *forms)}
    return names


_NAMES: Final = _names()


class KeypointSource(PoseSource):
    """One person's keypoints; raise SourceError if they cannot be read.

    A missing keypoint keeps its place and is not visible; without both shoulders there is nobody.
    """

    def __init__(self, address: Address) -> None:
        self.text, self.live, self.rate = address.text, False, address.rate
        try:
            columns, others = _read(Path(address.base), address)
        except _UNREADABLE as error:
            raise SourceError(f"{self.text}: no keypoints can be read from it: {error}") from None
        places = find_landmarks(list(columns))
        values = np.array(list(columns.values()), float).T.reshape(-1, len(columns))
        if missing := missing_labels(places, None):
            raise SourceError(
                f"{self.text} has no {', '.join(missing)}, which a person's keypoints need; name "
                "its columns as MediaPipe, COCO, BODY_25 or Halpe do, or add #map=names.toml with "
                f'lines such as shoulderL = "left_shoulder"{others}'
            )
        times = columns.get(address.column or "time_s")
        if times is None:
            if address.rate is None:
                raise SourceError(f"{self.text}: nothing says when its frames were; add #rate=25")
            times = np.arange(len(values)) / address.rate
        if not (np.diff(times, prepend=-MAX_TIME_S, append=MAX_TIME_S) > 0).all():
            raise SourceError(f"{self.text}: its times do not increase; sort its rows")
        sizes = [columns.get(name) for name in ("width", "height")]
        if address.size is not None:
            sizes = [np.full(len(values), float(side)) for side in address.size]
        if sizes[0] is None or sizes[1] is None:
            raise SourceError(f"{self.text}: add the size of its frames, such as #size=1920x1080")
        used = [places[:, part][places[:, part] >= 0] for part in range(3)]
        if np.nanmax(np.abs(values[:, np.concatenate(used[:2])]), initial=0.0) > _MAX_FRACTION:
            for part, size in zip(used, (sizes[0], sizes[1], sizes[0]), strict=True):
                values[:, part] /= size[:, None]
        self.duration = float(times[-1]) if len(times) else 0.0
        self._map = ChannelMap(places, flip=address.flip)
        self._before: NDArray[np.float64] | None = None
        self._rows = iter(list(zip(times, values, sizes[0], sizes[1], strict=True)))

    def read(self) -> Pose | None:
        for time, values, width, height in self._rows:
            landmarks = self._map.landmarks(values.tolist(), self._before)
            if landmarks is None:
                return Pose(time, None, None, int(width), int(height))
            self._before = landmarks
            return Pose(time, landmarks.astype(np.float32), None, int(width), int(height))
        return None

    def close(self) -> None:
        self._rows = iter(())


def _read(path: Path, address: Address) -> tuple[dict[str, NDArray[np.float64]], str]:
    """Return one person's columns [frame] by their plain names, and which are of no landmark."""
    columns: dict[str, NDArray[np.float64]] = {}
    others: dict[str, None] = {}
    own: dict[str, Any] = {}
    if address.map is not None:
        own = tomllib.loads((path.parent / address.map).read_text(encoding="utf-8"))
        if wrong := [each for each in map(str, own.values()) if plain_label(each) not in _NAMES]:
            raise ValueError(f"{address.map} names {', '.join(wrong)}, no landmark of MediaPipe")
    names = _NAMES | {plain_label(each): _NAMES[plain_label(own[each])] for each in own}
    wanted = {*LABELS, "time_s", "width", "height", address.column}
    unused = {plain_label(each): each for each in own}
    for label, cells in _read_person(path, address).items():
        match = _LABEL.fullmatch(label.strip())
        name = names.get(plain_label(match[1])) if match else None
        plain = f"{name}_{(match[2] or 'visibility').lower()}" if match and name else label.strip()
        if plain in wanted:
            columns[plain] = _numbers(cells)
        if match:
            unused.pop(plain_label(match[1]), None)
            others |= {} if name else {match[1]: None}
    if unused:
        raise ValueError(f"it has no {', '.join(unused.values())}, as {address.map} says")
    unknown = textwrap.shorten("; not known are " + ", ".join(others), 300, placeholder=" …")
    return columns, unknown if others else ""


def _read_person(path: Path, address: Address) -> Mapping[str, Any]:
    """Return the columns of one person by their labels."""
    if path.is_dir():
        return _read_openpose(path)
    kind = path.suffix.lower()
    if kind in (".slp", ".h5", ".hdf5"):
        return _choose(_read_hdf5(path), address.who)
    table = _read_parquet(path) if kind == ".parquet" else _read_csv(path, address)
    if "feed" not in table:
        return table
    if address.who not in table["feed"]:
        raise ValueError("it has two people: add #who=a or #who=b")
    rows = np.array(table.pop("feed")) == address.who
    return {name: np.array(cells, object)[rows] for name, cells in table.items()}


def _choose(columns: Iterable[tuple[str, str, Any]], who: str | None) -> dict[str, Any]:
    """Return the columns of one person; `who` is needed if there are several."""
    people: dict[str, dict[str, Any]] = {}
    for owner, label, cells in columns:
        people.setdefault(owner, {})[label] = cells
    own = next(iter(people)) if len(people) == 1 and (who is None or "" in people) else who
    if own not in people:
        raise ValueError(f"it has {', '.join(people) or 'nobody'}: add #who=NAME of one of them")
    return people[own]


def _numbers(cells: Any) -> NDArray[np.float64]:
    if isinstance(cells, np.ndarray) and cells.dtype == float:
        return cells
    return np.array([parse_number(str(cell)) for cell in cells])


def _read_csv(path: Path, address: Address) -> dict[str, Any]:
    with open_text(path) as file:
        table = read_table(file, is_sampled=address.rate is not None)
        if not table.names:
            raise ValueError("it is empty")
        rows = [row for _, row in table.rows]
    if table.decimal(chain.from_iterable(rows)) == ",":
        rows = [[cell if "." in cell else cell.replace(",", ".") for cell in row] for row in rows]
    if table.names[0] != "scorer":
        if twice := [name for name in table.names if name and table.names.count(name) > 1]:
            raise ValueError(f"it has two columns {twice[0]!r}; rename them")
        return dict(zip(table.names, zip(*rows, strict=True), strict=True))
    heads = {row[0]: row for row in rows[:3] if row[0] in ("individuals", "bodyparts", "coords")}
    owners = heads.get("individuals", [""] * len(table.names))
    parts = map("_".join, zip(heads["bodyparts"], heads["coords"], strict=True))
    columns = zip(*rows[len(heads) :], strict=True)
    return _choose([*zip(owners, parts, columns, strict=True)][1:], address.who)


def _read_hdf5(path: Path) -> Iterator[tuple[str, str, Any]]:
    """Yield whose it is, label and cells of each column, of SLEAP (both kinds) or DeepLabCut."""
    h5py: Any = import_optional("h5py", "hdf5", str(path))
    with h5py.File(path) as file:
        if "df_with_missing" in file:  # a table of pandas: its column names are pickled
            group = file["df_with_missing"]
            ((_, heads),) = _Texts(io.BytesIO(bytes(group.attrs["non_index_axes"]))).load()
            cells = group["table"]["values_block_0"].T
            for (_, *owner, part, value), column in zip(heads, cells, strict=True):
                yield "".join(owner), f"{part}_{value}", column
            return
        if "pred_points" in file:
            people, nodes, values = _read_instances(file)
        elif "track_names" in file:
            tracks, nodes = file["track_names"], list(file["node_names"].asstr())
            people = list(tracks.asstr()) if len(tracks) else [""]  # one, untracked
            axes = ["track", "xy", "node", "frame"]  # of SLEAP itself, which does not say
            axes = json.loads(file["tracks"].attrs.get("dims", json.dumps(axes)))
            order = [axes.index(each) for each in ("track", "xy", "node", "frame")]
            axes.remove("xy")
            of_scores = [axes.index(each) for each in ("track", "node", "frame")]
            scores = file["point_scores"][()].transpose(of_scores)
            values = np.append(file["tracks"][()].transpose(order), scores[:, None], axis=1)
        else:
            raise ValueError("it is neither of SLEAP (.slp or analysis) nor of DeepLabCut")
    for person, own in zip(people, values, strict=True):
        for at, node in enumerate(nodes):
            yield from ((person, f"{node}_{part}", own[k, at]) for k, part in enumerate("xyc"))


def _read_instances(file: Any) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """Return the tracks, nodes and values [track, part, node, frame] of a project of SLEAP."""
    about = json.loads(file["metadata"].attrs["json"])
    nodes = [about["nodes"][each["id"]]["name"] for each in about["skeletons"][0]["nodes"]]
    tracks = [json.loads(each)[1] for each in file["tracks_json"]] + ["untracked"]  # index −1
    frames, instances = file["frames"][()], file["instances"][()]
    if np.ptp(frames["video"]):
        raise ValueError("it has several videos: save each as a project of its own")
    moments = dict(zip(frames["frame_id"].tolist(), frames["frame_idx"].tolist(), strict=True))
    shape = len(tracks), 3, len(nodes), max(moments.values()) + 1
    values, seen = np.full(shape, np.nan), set[tuple[int, ...]]()
    points = [file[each][()] for each in ("points", "pred_points")]
    for each in instances[np.argsort(-instances["instance_type"].astype(int), kind="stable")]:
        kind, track, moment = each["instance_type"], each["track"], moments[each["frame_id"]]
        if (kind, track, moment) in seen:
            raise ValueError("a frame has several people of one track or none: track them in SLEAP")
        seen.add((kind, track, moment))
        own = points[kind][each["point_id_start"] : each["point_id_end"]]
        score = own["score"] if kind else np.ones(len(own))  # placed by hand over what was found
        values[track, :, :, moment] = np.where(own["visible"], [own["x"], own["y"], score], np.nan)
    kept = [at for at, own in enumerate(values) if np.isfinite(own).any()]
    return [tracks[at] for at in kept], nodes, values[kept]


class _Texts(pickle.Unpickler):
    """Unpickles lists of texts and nothing that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"it holds a {module}.{name}, which is not read")


def _read_parquet(path: Path) -> dict[str, Any]:
    parquet = import_optional("pyarrow.parquet", "parquet", str(path))
    table: dict[str, Any] = parquet.read_table(path).to_pydict()
    for part in PARTS:
        if part in table:  # this program's own: a list of all landmarks in each row
            lists = np.array([each or [np.nan] * len(Landmark) for each in table.pop(part)])
            table |= {f"{mark.name.lower()}_{part}": lists[:, mark] for mark in Landmark}
    return table


def _read_openpose(path: Path) -> dict[str, NDArray[np.float64]]:
    """Read a folder of a file a frame; of several people, the one who is seen best."""
    people = [
        max(
            (
                np.reshape(each["pose_keypoints_2d"], (-1, 3))
                for each in json.loads(file.read_text())["people"]
            ),
            key=lambda person: person[:, 2].sum(),
            default=None,
        )
        for file in sorted(path.glob("*.json"))
    ]
    count = max((len(each) for each in people if each is not None), default=0)
    if count not in _MODELS:
        raise ValueError("it has nobody with the 25 or 18 keypoints of OpenPose in it")
    values = np.array(
        [np.full((count, 3), np.nan) if each is None else each for each in people], float
    )
    values[values[..., 2] == 0.0] = np.nan
    return {
        f"{name}_{part}": values[:, at, column]
        for at, name in enumerate(_MODELS[count])
        for column, part in enumerate("xyc")
    }
