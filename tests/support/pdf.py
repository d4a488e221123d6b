"""PDF files, read back."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtPdf import QPdfDocument


class Printed:
    """A PDF file, read back."""

    def __init__(self, path: Path) -> None:
        self._pdf = QPdfDocument(None)
        self._pdf.load(str(path))
        self.pages = self._pdf.pageCount()
        self.size = self._pdf.pagePointSize(0)
        self.title = self._pdf.metaData(QPdfDocument.MetaDataField.Title)
        self.content = path.read_bytes()

    def text(self, page: int = 0) -> str:
        """The text of a page in one line."""
        selection = self._pdf.getAllText(page)
        assert selection is not None
        return " ".join(selection.text().replace("\xa0", " ").split())

    @property
    def is_accessible(self) -> bool:
        """Whether it says that it is PDF/UA-1, which Typst says of what it has checked."""
        return b"<pdfuaid:part>1</pdfuaid:part>" in self.content

    @property
    def tags(self) -> list[str]:
        """The types of its structure elements, in the order of the file."""
        return re.findall(r"/StructElem/S/(\w+)", self.content.decode("latin-1"))

    def rows(self, page: int, colour: str) -> list[int]:
        """The lines of pixels in which a colour is; a pixel is a point."""
        return [int(each) for each in np.flatnonzero(self._is(page, colour).any(axis=1))]

    def columns(self, page: int, colour: str) -> list[int]:
        """The same from left to right."""
        return [int(each) for each in np.flatnonzero(self._is(page, colour).any(axis=0))]

    def _is(self, page: int, colour: str) -> NDArray[np.bool_]:
        image = self._pdf.render(page, self._pdf.pagePointSize(page).toSize())
        image = image.convertToFormat(QImage.Format.Format_RGBA8888)
        bits = image.constBits()
        assert bits is not None
        pixels = np.array(bits.asarray(image.sizeInBytes()))
        pixels = pixels.reshape(image.height(), -1, 4)[:, : image.width()].astype(int)
        wanted = QColor(colour)
        rgb = (wanted.red(), wanted.green(), wanted.blue())
        near = np.abs(pixels[..., :3] - rgb).sum(axis=2) < 18
        return near & (pixels[..., 3] == 255)
