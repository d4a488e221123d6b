"""OpenCV without its side effects: import it as ``from mirror._support.opencv import cv2``."""

import os

import cv2

# Its loggers, and those of its FFmpeg, write to stderr, over the progress bars; errors are reported
# anyway. The variable stays as it is for users who set it.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

# Its wheel points Qt at its own Qt 5 plugins, which crash PyQt6.
for _variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_variable, None)

__all__ = ["cv2"]
