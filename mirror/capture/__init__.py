"""Sources of frames and poses: cameras, files, network streams and rendered people.

`open_source` opens one from its text, `open_pair` the two of a session. Motion capture from other
programs gives poses instead of frames, and only a pair can contain it.
"""

from mirror.capture.address import Address, parse
from mirror.capture.base import Frame, PoseSource, Source
from mirror.capture.plan import open_pair, open_source

__all__ = ["Address", "Frame", "PoseSource", "Source", "open_pair", "open_source", "parse"]
