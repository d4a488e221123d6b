"""The light and dark theme of the application, and the style that both are painted in.

The Fusion style lacks visible outlines in dark themes.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any, Final, Literal

from PyQt6 import QtWidgets
from PyQt6.QtCore import QObject, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QPainter, QPalette, QPen, QStyleHints

from ui.shell.palette import DARK, LIGHT, Palette

_Primitive = QtWidgets.QStyle.PrimitiveElement
_Complex = QtWidgets.QStyle.ComplexControl

_BOXES: Final = (_Primitive.PE_FrameLineEdit, _Primitive.PE_IndicatorCheckBox)
_FIELDS: Final = (_Complex.CC_ComboBox, _Complex.CC_SpinBox)

_SHEET: Final = """
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {outline}; padding: 4px; }}
QPushButton {{ color: {text}; background: {raised}; border: 1px solid {outline};
    border-radius: 5px; padding: 5px 14px; }}
QPushButton:hover {{ border-color: {text}; }}
QPushButton:pressed, QPushButton:checked {{ background: {border}; }}
QPushButton:default, QPushButton[primary="true"] {{ color: {on_accent}; background: {accent};
    border-color: {accent}; font-weight: bold; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 4px 13px; }}
QPushButton:default:focus, QPushButton[primary="true"]:focus {{ border-color: {text}; }}
QPushButton[row="true"] {{ text-align: left; background: {surface}; border-color: {border};
    padding: 6px 10px; }}
QPushButton[row="true"]:hover {{ border-color: {accent}; color: {accent}; }}
QPushButton:disabled {{ color: {dim_text}; background: {background}; border-color: {border}; }}
QLabel[dim="true"] {{ color: {dim_text}; }}
"""


class OutlinedStyle(QtWidgets.QProxyStyle):
    """Outlines text fields, check boxes, radio buttons, combo boxes, spin boxes and slider handles.

    The outline has the palette's `Dark` colour; around the focus, `Accent` and twice the width.
    """

    def __init__(self) -> None:
        super().__init__("Fusion")

    def polish(self, target: Any) -> Any:
        """Show labels as plain text: names, notes and events may contain HTML from other people."""
        if isinstance(target, QtWidgets.QLabel) and target.textFormat() == Qt.TextFormat.AutoText:
            target.setTextFormat(Qt.TextFormat.PlainText)
        return super().polish(target)

    def drawPrimitive(
        self, element: _Primitive, option: Any, painter: QPainter | None, widget: Any = None
    ) -> None:
        super().drawPrimitive(element, option, painter, widget)
        if option is None or painter is None:
            return
        is_notes = element == _Primitive.PE_Frame and isinstance(widget, QtWidgets.QPlainTextEdit)
        if element in _BOXES or is_notes:
            _outline(painter, option, QRectF(option.rect), 2.0)
        elif element == _Primitive.PE_IndicatorRadioButton:
            side = min(option.rect.width(), option.rect.height())
            circle = QRectF(0, 0, side, side)
            circle.moveCenter(QRectF(option.rect).center())
            _outline(painter, option, circle, side / 2)

    def drawComplexControl(
        self, control: _Complex, option: Any, painter: QPainter | None, widget: Any = None
    ) -> None:
        super().drawComplexControl(control, option, painter, widget)
        if option is None or painter is None:
            return
        if control in _FIELDS:
            _outline(painter, option, QRectF(option.rect), 2.0)
        elif control == _Complex.CC_Slider:
            handle = self.subControlRect(
                control, option, QtWidgets.QStyle.SubControl.SC_SliderHandle, widget
            )
            _outline(painter, option, QRectF(handle), 2.0)


class Theme(QObject):
    """The current colours.

    A widget that paints itself reads `palette` on every paint and connects `changed` to its
    ``update``. Qt's widgets follow automatically. The style sheet has three properties: ``primary``
    (a page's main button), ``row`` (a button in a list) and ``dim`` (a label of secondary text).
    """

    changed = pyqtSignal()

    def __init__(self, application: QtWidgets.QApplication, hints: QStyleHints) -> None:
        super().__init__(application)
        self._application = application
        self._hints = hints
        self._choice: Literal["system", "light", "dark"] = "system"
        self._palette: Palette | None = None
        # Fusion takes every colour from the QPalette, on all systems.
        application.setStyle(OutlinedStyle())
        self._hints.colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def palette(self) -> Palette:
        assert self._palette is not None
        return self._palette

    def follow(self, paint: Callable[[], object]) -> None:
        """Call a function now, and whenever the colours change."""
        self.changed.connect(paint)
        paint()

    def choose(self, choice: Literal["system", "light", "dark"]) -> None:
        """Set the theme; "system" follows the desktop."""
        self._choice = choice
        # For what Qt does not paint, such as the window frame.
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        self._hints.setColorScheme(schemes.get(choice, Qt.ColorScheme.Unknown))
        self._apply()

    def _apply(self) -> None:
        is_dark_desktop = self._hints.colorScheme() == Qt.ColorScheme.Dark
        follows = self._choice == "system"
        palette = DARK if self._choice == "dark" or (follows and is_dark_desktop) else LIGHT
        if palette is self._palette:
            return
        self._palette = palette
        self._application.setPalette(_qt_palette(palette))
        self._application.setStyleSheet(_SHEET.format(**asdict(palette)))
        self.changed.emit()


@cache
def theme() -> Theme:
    """Return the application's theme; requires a QApplication."""
    application = QtWidgets.QApplication.instance()
    hints = QGuiApplication.styleHints()
    assert isinstance(application, QtWidgets.QApplication), "theme() requires a QApplication"
    assert hints is not None
    return Theme(application, hints)


def _qt_palette(palette: Palette) -> QPalette:
    role = QPalette.ColorRole
    # Edges and grooves are drawn in Light, Midlight, Mid, Dark and Shadow.
    roles = (
        (palette.background, (role.Window, role.AlternateBase, role.Shadow)),
        (palette.surface, (role.Base,)),
        (palette.raised, (role.Button, role.ToolTipBase, role.Light, role.Midlight)),
        (palette.text, (role.WindowText, role.Text, role.ButtonText, role.ToolTipText)),
        (palette.dim_text, (role.PlaceholderText,)),
        (palette.error, (role.BrightText,)),
        (palette.accent, (role.Highlight, role.Accent, role.Link, role.LinkVisited)),
        (palette.on_accent, (role.HighlightedText,)),
        (palette.border, (role.Mid,)),
        (palette.outline, (role.Dark,)),
    )
    qt_palette = QPalette()
    for colour, painted in roles:
        for each in painted:
            qt_palette.setColor(each, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        qt_palette.setColor(disabled, each, QColor(palette.dim_text))
    qt_palette.setColor(disabled, role.Highlight, QColor(palette.border))
    return qt_palette


def _outline(
    painter: QPainter, option: QtWidgets.QStyleOption, rect: QRectF, radius: float
) -> None:
    focused = bool(option.state & QtWidgets.QStyle.StateFlag.State_HasFocus)
    role = QPalette.ColorRole.Accent if focused else QPalette.ColorRole.Dark
    # A circle is anti-aliased: a thinner line would look faint.
    width = 2.0 if focused or radius > 2 else 1.0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(option.palette.color(role), width))
    inset = width / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)
    painter.restore()
