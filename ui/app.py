"""Run the Qt application and its main window."""

import os
import sys
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QPointF, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PyQt6.QtGui import QColor, QGuiApplication, QIcon, QPainterPath
from PyQt6.QtWidgets import QApplication

# Before the QApplication: resets the Qt variables that OpenCV sets.
import mirror._support.opencv  # noqa: F401
from mirror._support.process import redirect_native_stderr
from mirror.session.start import SessionRequest
from ui.main_window import MainWindow
from ui.runtime.process import ExceptHook, ExitSignals, MainThreadGC
from ui.shell.focus import FocusKeys
from ui.shell.palette import LIGHT
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme
from ui.widgets.painting import blank_pixmap, smooth_painter

_ICON_SIZES: Final = (16, 24, 32, 48, 64, 128, 256)


def open_window(request: SessionRequest | Path | None = None) -> int:
    """Open the window, run it until it is closed, and return the exit status.

    It starts the requested session or opens the recording; by default it shows the start page. If
    Qt cannot open a window (no display, or a missing library), print one line to stderr and exit
    with status 1: Qt aborts the program.
    """
    application = make_application()
    redirect_native_stderr()
    main_thread_gc = MainThreadGC(application)
    preferences = Preferences()
    theme().choose(preferences.theme)
    window = MainWindow(preferences, Keys(preferences))
    # Not while closing: `quit` closes all windows.
    window.closed.connect(lambda: QTimer.singleShot(0, application.quit))
    excepthook = ExceptHook(window)
    excepthook.caught.connect(window.messages.show_message)
    exit_signals = ExitSignals(window)
    exit_signals.received.connect(window.finish)
    application.commitDataRequest.connect(lambda _manager: window.save())
    application.aboutToQuit.connect(window.save)
    window.show()
    QTimer.singleShot(0, lambda: window.open(request))
    try:
        return application.exec()
    finally:
        exit_signals.close()
        excepthook.close()
        main_thread_gc.close()


def make_application() -> QApplication:
    """Create the application with its name, icon and high-DPI scaling."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    before = qInstallMessageHandler(_StartupMessages())
    application = QApplication(["mirror"])
    qInstallMessageHandler(before)
    application.setApplicationName("mirror")
    application.setApplicationDisplayName("mirror")
    application.setDesktopFileName("mirror")
    application.setWindowIcon(make_icon())
    # An open coach view or help window must not keep the program running.
    application.setQuitOnLastWindowClosed(False)
    FocusKeys(application)
    return application


def make_icon() -> QIcon:
    """Draw the program's icon in the usual sizes: two overlapping circles."""
    icon = QIcon()
    for size in _ICON_SIZES:
        pixmap = blank_pixmap(size, size)
        painter = smooth_painter(pixmap)
        circles = []
        for x, colour in ((0.34, LIGHT.in_phase), (0.66, LIGHT.anti_phase)):
            circle = QPainterPath()
            circle.addEllipse(QPointF(x * size, 0.5 * size), 0.31 * size, 0.31 * size)
            painter.fillPath(circle, QColor(colour))
            circles.append(circle)
        painter.fillPath(circles[0].intersected(circles[1]), QColor("#ffffff"))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


class _StartupMessages:
    """Qt message handler while the application is created: reports why Qt aborts."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def __call__(self, kind: QtMsgType, _context: object, text: str | None) -> None:
        # The first warning says why: no such display, a missing library.
        self._messages += (text or "").strip().splitlines()[:1]
        if kind == QtMsgType.QtFatalMsg:
            reason = self._messages[0].rstrip(".") if self._messages else "Qt gives no reason"
            hint = "see `mirror doctor`, or use --no-window"
            sys.stderr.write(f"mirror: no window can be opened ({reason}); {hint}\n")
            sys.stderr.flush()
            os._exit(1)
