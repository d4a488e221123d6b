"""Fonts for tests."""

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def make_font(path: Path, letters: str, *, share: float, feature: str = "") -> str:
    """Make a font whose letters are blocks of `share` of the line's height, from the base line.

    `feature` is a rule for ligatures.
    """
    names = [".notdef", *(f"u{ord(each):04X}" for each in letters)]
    pen = TTGlyphPen(None)
    for x, y in ((50, 0), (50, round(1000 * share)), (950, round(1000 * share)), (950, 0)):
        (pen.lineTo if pen.points else pen.moveTo)((x, y))
    pen.closePath()
    block = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(
        {ord(each): name for each, name in zip(letters, names[1:], strict=True)}
    )
    builder.setupGlyf(dict.fromkeys(names, block))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=1000, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular", "psName": path.stem})
    builder.setupOS2()
    builder.setupPost()
    if feature:
        builder.addOpenTypeFeatures(f"feature liga {{ {feature} }} liga;")
    builder.save(path)
    return str(path)
