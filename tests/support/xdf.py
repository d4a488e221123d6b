"""Writing XDF files, as LabRecorder does: pyxdf only reads them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Stream(NamedTuple):
    """A stream of texts, or of rows of numbers."""

    name: str
    source: str
    samples: Sequence[tuple[float, object]]
    rate: float = 0.0  # 0: irregular
    labels: Sequence[str] = ()
    offset: float = 0.0  # of the recording computer's clock to the stream's, s


def xdf_file(path: Path, streams: Sequence[Stream]) -> str:
    parts = [b"XDF:", _chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>")]
    for number, each in enumerate(streams, 1):
        is_text = isinstance(each.samples[0][1], str)
        channels = 1 if is_text else len(each.samples[0][1])  # type: ignore[arg-type]
        kind = "Synchrony" if each.source.startswith("mirror ") else "MoCap"
        labels = "".join(f"<channel><label>{name}</label></channel>" for name in each.labels)
        head = (
            f"<?xml version='1.0'?><info><name>{each.name}</name>"
            f"<type>{'Markers' if is_text else kind}</type>"
            f"<channel_count>{channels}</channel_count><nominal_srate>{each.rate:g}</nominal_srate>"
            f"<channel_format>{'string' if is_text else 'double64'}</channel_format>"
            f"<source_id>{each.source}</source_id>"
            f"<desc>{f'<channels>{labels}</channels>' if labels else ''}</desc></info>"
        )
        values = b""
        for stamp, value in each.samples:
            values += b"\x08" + struct.pack("<d", stamp)
            if isinstance(value, str):
                values += b"\x01" + bytes([len(value)]) + value.encode()
            else:
                values += np.asarray(value, "<f8").tobytes()
        stream = struct.pack("<I", number)
        parts += [
            _chunk(2, stream + head.encode()),
            _chunk(3, stream + b"\x04" + struct.pack("<I", len(each.samples)) + values),
            *(
                _chunk(4, stream + struct.pack("<dd", stamp, each.offset))
                for stamp, _ in (each.samples[0], each.samples[-1])
                if each.offset
            ),
            _chunk(6, stream + b"<?xml version='1.0'?><info></info>"),
        ]
    path.write_bytes(b"".join(parts))
    return str(path)


def _chunk(tag: int, content: bytes) -> bytes:
    return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content
