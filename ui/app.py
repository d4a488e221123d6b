"""The application: one window, from the first picture to the exit status."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer, QtMsgType, qInstallMessageHandler
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

# Before the QApplication: it takes back what OpenCV does to Qt's variables.
import mirror._support.opencv  # noqa: F401
from mirror._support.process import redirect_native_stderr
from mirror.session.start import SessionRequest
from ui.main_window import MainWindow
from ui.runtime.excepthook import ExceptHook
from ui.runtime.exit_signals import ExitSignals
from ui.runtime.main_thread_gc import MainThreadGC
from ui.shell.focus import FocusKeys
from ui.shell.icon import icon
from ui.shell.preferences import Preferences
from ui.shell.shortcuts import Keys
from ui.shell.theme import theme


def open_window(request: SessionRequest | Path | None = None) -> int:
    """Open the window and stay until it is closed.

    Where no window can be opened at all (no display answers, or the system lacks a library) it
    says so in one line and ends the program with status 1, as Qt leaves nothing to come back to.

    Parameters
    ----------
    request : SessionRequest or Path, optional
        A session to begin at once, or a recording to open; else the start page.

    Returns
    -------
    int
        The exit status.
    """
    application = make_application()
    redirect_native_stderr()
    main_thread_gc = MainThreadGC(application)
    preferences = Preferences()
    theme().choose(preferences.theme)
    window = MainWindow(preferences, Keys(preferences))
    # Not from inside the closing: quitting closes every window that is still there.
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
    """The application with its name, icon and way with screens of any density."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    before = qInstallMessageHandler(_Reasons())
    application = QApplication(["mirror"])
    qInstallMessageHandler(before)
    application.setApplicationName("mirror")
    application.setApplicationDisplayName("mirror")
    application.setDesktopFileName("mirror")
    application.setWindowIcon(icon())
    # A coach view or a help window that is still open must not keep the program.
    application.setQuitOnLastWindowClosed(False)
    FocusKeys(application)
    return application


class _Reasons:
    """What Qt says while it opens; it aborts after the last word, which therefore goes to the user.

    A QtMessageHandler for as long as the application is being made.
    """

    def __init__(self) -> None:
        self._said: list[str] = []

    def __call__(self, kind: QtMsgType, _context: object, text: str | None) -> None:
        # The warnings before the end say why: no such display, a library that is missing.
        self._said += (text or "").strip().splitlines()[:1]
        if kind == QtMsgType.QtFatalMsg:
            reason = self._said[0].rstrip(".") if self._said else "Qt gives no reason"
            hint = "see `mirror doctor`, or use --no-window"
            sys.stderr.write(f"mirror: no window can be opened ({reason}); {hint}\n")
            sys.stderr.flush()
            os._exit(1)
