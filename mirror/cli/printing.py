"""The way from the command line to Qt's printer; nothing else in the engine knows of it."""

from __future__ import annotations

from pathlib import Path

from mirror._support.system_libraries import WINDOW, missing_packages
from mirror.errors import WindowError
from mirror.report.document import Document


def print_to_pdf(document: Document, path: Path) -> None:
    """Write a page to a PDF file, without a window or a display.

    Raises
    ------
    WindowError
        Where what it is drawn with is not installed; the text says what to install.
    OSError
        Where the file cannot be written.
    """
    if missing := missing_packages(WINDOW):
        raise WindowError(
            "a PDF needs libraries that this system lacks; install them with: "
            f"sudo apt-get install {' '.join(missing)}; or print the HTML file from a browser"
        )
    try:
        from ui.pdf.writer import print_document
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "PyQt6":
            raise
        raise WindowError(
            f"a PDF cannot be made ({error}); install what draws it with: "
            "python -m pip install PyQt6; or print the HTML file from a browser"
        ) from error
    print_document(document, path)
