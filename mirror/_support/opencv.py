"""OpenCV, without what importing it does to the rest of the program.

Every module of the program takes OpenCV from here: ``from mirror._support.opencv import cv2``.
"""

from __future__ import annotations

import os

import cv2

# Its loggers, and those of its own FFmpeg, write to stderr, over the progress bars; what they have
# to say comes back as a named error. A user who wants to hear FFmpeg sets the variable.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

# Its wheel points Qt at the Qt 5 plugins inside the wheel, with which a PyQt6 window dies.
for _variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_variable, None)

__all__ = ["cv2"]
