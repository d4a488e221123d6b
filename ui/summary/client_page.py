"""The client's page: ask for notes, draw its figures, and write it as a PDF of one page."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PyQt6.QtCore import QBuffer, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QPainter
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QCheckBox, QDialog, QFormLayout, QLineEdit, QWidget

from mirror.colours import PEOPLE, rgb
from mirror.export.film.skeleton import draw_skeleton
from mirror.landmarks import FEEDS
from mirror.recording import edit, library
from mirror.recording.database import video_paths
from mirror.recording.playback import Replay
from mirror.recording.provenance import person_names
from mirror.recording.reader import Recording
from mirror.report.client_page import PROGRESS, PROGRESS_MEANING, client_document, closest_moment
from mirror.report.document import Figure
from mirror.report.facts import NAMELESS, SessionFacts, Unrecorded, read_facts
from mirror.report.pdf import to_pdf
from mirror.report.write import write_file
from mirror.skeleton import WHOLE_FRAME, find_extent, place_frame
from mirror.summary import mean_levels
from mirror.timeline import Span
from mirror.wording import clock_time
from ui.replay.exporting import ask_file, file_buttons
from ui.runtime.background import Progress
from ui.shell.palette import LIGHT
from ui.shell.preferences import Preferences
from ui.widgets.build import known, notes_edit, vertical
from ui.widgets.painting import as_image, draw_text, sized_font
from ui.widgets.progress_chart import Point, paint_progress

MAX_OTHERS: Final = 8  # other sessions of the pair that are shown
_STILL: Final = QSize(500, 190)  # points, as the page's width
_PROGRESS: Final = QSize(500, 120)


class ClientPageDialog(QDialog):
    """Asks for the trainer's name and notes, whether to show a frame, and for the file.

    `run` is called with the task that writes the page, and the file.
    """

    def __init__(
        self,
        preferences: Preferences,
        shown: Path | Unrecorded,
        notes: str,
        run: Callable[[Callable[[Progress], None], Path], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._preferences, self._shown, self._run = preferences, shown, run
        self.setWindowTitle("Client's page")
        self.trainer = QLineEdit(preferences.trainer, self)
        self.trainer.setMaxLength(edit.MAX_LABEL_CHARS)
        self.notes = notes_edit("Notes on the page", notes, self)
        self.frame = QCheckBox("Show a frame of the stored video", self)
        self.frame.setToolTip("Only if both people allow it; else the page shows skeletons")
        videos = video_paths(shown).values() if isinstance(shown, Path) else ()
        self.frame.setVisible(any(path.exists() for path in videos))
        buttons = file_buttons(self, self.ask_path)
        form = QFormLayout()
        form.addRow("Trainer’s name", self.trainer)
        form.addRow("Notes", self.notes)
        vertical(form, self.frame, buttons, inside=self, margins=None)

    def ask_path(self) -> None:
        """Ask for the file; Qt's dialog confirms before one is replaced."""
        self._preferences.trainer = self.trainer.text()
        suggestion = self._preferences.recordings_folder / "page.pdf"
        if isinstance(self._shown, Path):
            suggestion = self._shown.with_name(f"{self._shown.stem} page.pdf")
        ask_file(self, suggestion, ("PDF (*.pdf)",), self._write)

    def _write(self, path: Path) -> None:
        task = partial(
            write_client_page,
            self._shown,
            self._preferences.recordings_folder,
            path,
            self.trainer.text().strip(),
            self.notes.toPlainText()[: edit.MAX_TEXT_CHARS],
            self.frame.isVisibleTo(self) and self.frame.isChecked(),
        )
        self._run(task, path)
        self.accept()


def read_shown(shown: Path | Unrecorded) -> SessionFacts | None:
    """Read and sum up what is shown; None if it has no rows."""
    if isinstance(shown, Unrecorded):
        return shown.facts()
    with Recording.open(shown) as recording:
        return read_facts(recording, Span()) if recording.row_count else None


def write_client_page(
    shown: Path | Unrecorded,
    folder: Path,
    path: Path,
    trainer: str,
    notes: str,
    with_frame: bool,
    progress: Progress,
) -> None:
    """Write the page of a session with rows; `folder` has the pair's others, if it is unrecorded.

    A recording stays as it is. Raise MirrorError if it cannot be read or the file not be written.
    """
    facts = known(read_shown(shown))
    progress(1, 3)
    document = client_document(
        facts,
        still=_still(facts, with_frame=with_frame),
        progress=_progress_figure(facts, folder if facts.path is None else facts.path.parent),
        notes=notes,
        trainer=trainer,
    )
    progress(2, 3)
    write_file(path, lambda file: file.write_bytes(to_pdf(document, one_page=True)), replace=True)


def _still(facts: SessionFacts, *, with_frame: bool) -> Figure | None:
    """Draw both people at the closest moment, or at the middle of the session."""
    if facts.path is None:
        return None  # nobody's landmarks were kept
    moment = closest_moment(facts)
    time_s = facts.duration_s / 2 if moment is None else moment.time_s
    at_s = time_s + facts.origin_s
    with Replay.open(facts.path) as replay:
        poses = [replay.pose(feed, at_s) for feed in FEEDS]
        images = [replay.frame(feed, at_s) if with_frame else None for feed in FEEDS]
    if not any(pose is not None and pose.landmarks is not None for pose in poses):
        return None  # plain series, or nobody was in the frame

    def paint(painter: QPainter, font: QFont) -> None:
        wide = _STILL.width() / 2
        for at, (feed, pose, image) in enumerate(zip(FEEDS, poses, images, strict=True)):
            panel = QRectF(at * wide + 4, 0, wide - 8, _STILL.height() - 18)
            painter.fillRect(panel, QColor(LIGHT.background))
            if image is not None:
                size = (image.shape[1], image.shape[0])
                place = QRectF(*place_frame(WHOLE_FRAME, size, panel.getRect()))
                sharp = (2 * place.size()).toSize()  # two pixels a point
                mode = Qt.TransformationMode.SmoothTransformation
                painter.drawImage(place, as_image(image).scaled(sharp, transformMode=mode))
            elif pose is not None and pose.landmarks is not None:
                height, width = (round(3 * side) for side in (panel.height(), panel.width()))
                colour, ground = rgb(PEOPLE[feed]), rgb(LIGHT.background)
                drawn = np.full((height, width, 3), ground, np.uint8)
                size = (pose.width, pose.height)
                box = place_frame(find_extent([pose]), size, (0, 0, width, height))
                draw_skeleton(drawn, pose.landmarks, colour, box, ground=ground, ratio=3.0)
                painter.drawImage(panel, as_image(drawn))
            name = QRectF(panel.left(), panel.bottom(), panel.width(), 18)
            draw_text(painter, font, LIGHT.text, name, facts.names[at])

    text = f"{facts.title} at {clock_time(time_s)}"
    return Figure(text, "", text, _draw_svg(_STILL, paint))


def _progress_figure(facts: SessionFacts, folder: Path) -> Figure | None:
    """Draw the pair's sessions; None without an earlier one."""
    names, started = person_names(facts.session), library.started_of(facts.session)
    if names == NAMELESS or started is None:
        return None
    points = [Point(started, mean_levels(facts.timeline)["mirroring"])]
    earlier = library.other_sessions(folder, started, names, MAX_OTHERS)
    points += [Point(each.started, each.levels["mirroring"]) for each in earlier if each.started]
    if len(points) < 2:
        return None
    room = QRectF(0, 0, _PROGRESS.width(), _PROGRESS.height())
    svg = _draw_svg(
        _PROGRESS,
        lambda painter, font: paint_progress(painter, room, points, "mirroring", LIGHT, font),
    )
    return Figure(PROGRESS, PROGRESS_MEANING, PROGRESS_MEANING, svg)


def _draw_svg(size: QSize, paint: Callable[[QPainter, QFont], None]) -> str:
    """Return what is painted, in points, as SVG."""
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    paint(painter, sized_font(QFont(), 10))
    painter.end()
    # The font that every PDF has.
    return buffer.data().data().decode().replace(f'"{QFont().family()}"', '"DejaVu Sans"')
