"""One person's keypoints of another tracker as a source: tables, DeepLabCut, OpenPose.

Names are those of MediaPipe, COCO, BODY_25 and Halpe (``left_wrist``, ``LWrist``), with
``_x``, ``_y`` and, if there is one, a confidence, which becomes the visibility.
"""

import csv
import json
import re
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
from mirror.landmarks import Landmark, Pose, plain_label

_UPPER: Final = "Nose Neck RShoulder RElbow RWrist LShoulder LElbow LWrist"
_LEGS: Final = "RHip RKnee RAnkle LHip LKnee LAnkle REye LEye REar LEar"
_FEET: Final = "LBigToe LSmallToe LHeel RBigToe RSmallToe RHeel"
_MODELS: Final = {25: f"{_UPPER} MidHip {_LEGS} {_FEET}".split(), 18: f"{_UPPER} {_LEGS}".split()}
"""OpenPose's keypoints in their order, by their number: BODY_25 and COCO."""

_LABEL: Final = re.compile(
    r"(.*?)[\W_]*(?:([xyz])|visibility|confidence|conf|score|likelihood|[csv])", re.IGNORECASE
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
            columns = _read(Path(address.base), address)
        except (OSError, ValueError, LookupError, TypeError, RecursionError, csv.Error) as error:
            raise SourceError(f"{self.text}: no keypoints can be read from it: {error}") from None
        places = find_landmarks(list(columns))
        values = np.array(list(columns.values()), float).T.reshape(-1, len(columns))
        if missing := missing_labels(places, None):
            raise SourceError(
                f"{self.text} has no {', '.join(missing)}, which a person's keypoints need; name "
                "its columns as MediaPipe, COCO, BODY_25 or Halpe do"
            )
        times = columns.get(address.column or "time_s")
        if times is None:
            if address.rate is None:
                raise SourceError(f"{self.text}: nothing says when its frames were; add #rate=25")
            times = np.arange(len(values)) / address.rate
        if not (np.diff(times) > 0).all():
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


def _plain(label: str) -> str:
    """Return a column's name as MediaPipe would have it; itself if it is no landmark's."""
    match = _LABEL.fullmatch(label.strip())
    name = _NAMES.get(plain_label(match[1])) if match else None
    return f"{name}_{(match[2] or 'visibility').lower()}" if match and name else label.strip()


def _read(path: Path, address: Address) -> dict[str, NDArray[np.float64]]:
    """Return the columns of one person by their plain names, NaN where missing [frame]."""
    if path.is_dir():
        return _read_openpose(path)
    table = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path, address)
    if "feed" in table:
        if address.who not in table["feed"]:
            raise ValueError("it has two people: add #who=a or #who=b")
        rows = np.array(table.pop("feed")) == address.who
        table = {name: np.array(cells, object)[rows] for name, cells in table.items()}
    wanted = {*LABELS, "time_s", "width", "height", address.column}
    plain = {_plain(name): cells for name, cells in table.items()}
    return {name: _numbers(cells) for name, cells in plain.items() if name in wanted}


def _numbers(cells: Any) -> NDArray[np.float64]:
    texts = [str(cell) for cell in cells]
    decimal = "," if any("," in text for text in texts) else "."
    return np.array([parse_number(text, decimal) for text in texts])


def _read_csv(path: Path, address: Address) -> dict[str, Any]:
    with open_text(path) as file:
        table = read_table(file)
        rows = [table.names, *(row for _, row in table.rows)]
    if rows[0][0] != "scorer":
        if twice := [name for name in table.names if name and table.names.count(name) > 1]:
            raise ValueError(f"it has two columns {twice[0]!r}; rename them")
        return dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    heads = {row[0]: row for row in rows[:4] if row[0] in ("individuals", "bodyparts", "coords")}
    owners = heads.get("individuals", [address.who] * len(rows[0]))
    if address.who not in owners:
        raise ValueError(f"it has several individuals: add #who={owners[1]}")
    return {
        f"{part}_{coordinate}": cells
        for owner, part, coordinate, cells in zip(
            owners,
            heads["bodyparts"],
            heads["coords"],
            zip(*rows[len(heads) + 1 :], strict=True),
            strict=True,
        )
        if owner == address.who
    }


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
        _plain(f"{name}_{part}"): values[:, at, column]
        for at, name in enumerate(_MODELS[count])
        for column, part in enumerate("xyc")
    }
