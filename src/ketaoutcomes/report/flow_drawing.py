"""A flow diagram as SVG: text is text, and every line has the colour of the page's own text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

SIZE, LINE, PAD = 13, 17, 9
"""Height of letters, of lines, and room around the text of a box, in units of the drawing."""

LETTER = 0.56 * SIZE
"""Width of a letter on average, in the wider of the fonts that pages use."""

GAP, DROP = 18, 30
"""Between boxes side by side, and between one level and the next."""

COLUMN, NARROW = (210, 250), 150
"""Width of a column of few or of many, and the least."""

WIDEST = 860
BOLD = ' font-weight="bold"'
HEAD = 5
"""Half the width of an arrow's head."""


@dataclass(frozen=True)
class Line:
    """A line of a box: its words and the ids of the results it shows."""

    text: str
    results: tuple[str, ...] = ()
    indent: bool = False


@dataclass(frozen=True)
class Box:
    """A box of the diagram; its title is bold."""

    title: Line
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Level:
    """Boxes side by side: one in the middle, or one in each column.

    Attributes
    ----------
    side : Box or None
        A box to the right of the way from the level above to this one: who went no further.
    note : Box or None
        A box under the level that nothing leads to or from.
    heading : str
        Words to the left of the way to the level.
    follows : bool
        Whether an arrow leads to it from the level above.
    """

    boxes: tuple[Box, ...]
    side: Box | None = None
    note: Box | None = None
    heading: str = ""
    follows: bool = True


@dataclass(frozen=True)
class _Frame:
    """Place of a box, with its lines as they are broken."""

    x: float
    y: float
    width: float
    rows: tuple[tuple[Line, bool], ...]

    @property
    def height(self) -> float:
        return len(self.rows) * LINE + 2 * PAD

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def foot(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class _Sheet:
    """How wide the drawing is, and each of its columns."""

    columns: int
    column: float
    width: float

    def left(self, place: int, boxes: int) -> float:
        """Where a box of a level begins."""
        if boxes == 1:
            return self.width / 2 - self.wide(1) / 2
        whole = boxes * self.column + (boxes - 1) * GAP
        return self.width / 2 - whole / 2 + place * (self.column + GAP)

    def wide(self, boxes: int) -> float:
        """Width of a box of a level."""
        return max(self.column, COLUMN[1]) if boxes == 1 else self.column


def flow_svg(levels: Sequence[Level], title: str, description: str) -> str:
    """Draw the levels from the top down.

    Parameters
    ----------
    title, description : str
        For those who do not see it.

    Returns
    -------
    str
        An SVG element, without a request to anything outside.
    """
    sheet = _sheet(levels)
    parts: list[str] = []
    bottom = 1.0
    above: list[_Frame] = []
    for level in levels:
        headed, words = _heading(level, sheet, bottom + (DROP * 0.5 if above else 0))
        parts += words
        top = max(headed + PAD, bottom + DROP) if above else headed + PAD
        side = _side(level, sheet, bottom) if above else None
        if side is not None:
            top = max(side.foot + DROP * 0.7, top)
            parts += [_box(side), _arrow([(sheet.width / 2, side.y + side.height / 2)], side.x)]
        frames = _placed(level, sheet, top)
        if above and level.follows:
            parts += _ways(above, frames, sheet)
        parts += map(_box, frames)
        above, bottom = frames, max(frame.foot for frame in frames)
        if level.note is not None:
            note = _note(level.note, sheet, bottom)
            parts.append(_box(note))
            bottom = note.foot
    height = bottom + 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(sheet.width)} {_n(height)}" '
        f'width="{_n(sheet.width)}" height="{_n(height)}" class="flow" fill="none" '
        'stroke="currentColor" stroke-width="1.2" '
        f'font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="{SIZE}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(parts)}</svg>"
    )


def _sheet(levels: Sequence[Level]) -> _Sheet:
    columns = max(len(level.boxes) for level in levels)
    room = (WIDEST - (columns - 1) * GAP) / columns
    column = max(min(COLUMN[1], room), NARROW)
    whole = columns * column + (columns - 1) * GAP
    return _Sheet(columns, column, max(whole, 2 * COLUMN[1] + 2 * GAP) + 2)


def _placed(level: Level, sheet: _Sheet, top: float) -> list[_Frame]:
    """The boxes of a level, all as high as the highest."""
    boxes = len(level.boxes)
    width = sheet.wide(boxes)
    rows = [_rows(box, width) for box in level.boxes]
    most = max(map(len, rows))
    blank = (Line(""), False)
    return [
        _Frame(sheet.left(place, boxes), top, width, (*of_box, *[blank] * (most - len(of_box))))
        for place, of_box in enumerate(rows)
    ]


def _side(level: Level, sheet: _Sheet, bottom: float) -> _Frame | None:
    """The box to the right of the way down to a level."""
    if level.side is None:
        return None
    width = sheet.width / 2 - GAP - 1
    width = min(width, COLUMN[1] + 2 * GAP)
    left = sheet.width / 2 + GAP
    return _Frame(left, bottom + DROP * 0.7, width, _rows(level.side, width))


def _note(box: Box, sheet: _Sheet, bottom: float) -> _Frame:
    """The box under a level, to the left of what leads on."""
    width = sheet.width / 2 - GAP - 1
    return _Frame(1, bottom + DROP * 0.7, width, _rows(box, width))


def _heading(level: Level, sheet: _Sheet, top: float) -> tuple[float, list[str]]:
    """Where the words over a level end, and the words, in the left half of the drawing."""
    letters = int((sheet.width / 2 - GAP) / LETTER)
    lines = wrap(level.heading, letters)
    texts = [_text(1, top + LINE * (place + 1), line, BOLD) for place, line in enumerate(lines)]
    return top + LINE * len(lines), texts


def _rows(box: Box, width: float) -> tuple[tuple[Line, bool], ...]:
    """The lines of a box, broken to its width; with each whether it is bold."""
    letters = int((width - 2 * PAD) / LETTER)
    rows: list[tuple[Line, bool]] = []
    for line, bold in ((box.title, True), *((line, False) for line in box.lines)):
        indent = 2 * int(line.indent)
        for place, part in enumerate(wrap(line.text, max(letters - indent - int(bold), 8))):
            rows.append((Line(part, line.results, line.indent or place > 0), bold))
    return tuple(rows)


def _box(frame: _Frame) -> str:
    rect = (
        f'<rect x="{_n(frame.x)}" y="{_n(frame.y)}" width="{_n(frame.width)}" '
        f'height="{_n(frame.height)}" rx="2"/>'
    )
    texts = (
        _text(
            frame.x + PAD + (12 if line.indent else 0),
            frame.y + PAD + LINE * place + SIZE,
            line.text,
            BOLD if bold else "",
            line.results,
        )
        for place, (line, bold) in enumerate(frame.rows)
        if line.text
    )
    return rect + "".join(texts)


def _text(x: float, y: float, words: str, more: str = "", results: tuple[str, ...] = ()) -> str:
    """Words as text; the results they show are told where a pointer rests on them."""
    told = f"<title>{escape(' '.join(results))}</title>" if results else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" fill="currentColor" stroke="none"{more}>'
        f"{told}{escape(words)}</text>"
    )


def _ways(above: list[_Frame], below: list[_Frame], sheet: _Sheet) -> Iterator[str]:
    """From each box above to the one below it; through the middle where their numbers differ."""
    if len(above) == len(below):
        for one, other in zip(above, below, strict=True):
            yield _down(one.middle, one.foot, other.y)
        return
    top, end = max(frame.foot for frame in above), below[0].y
    if len(above) > 1:
        join = top + DROP * 0.35
        for frame in above:
            yield _line([(frame.middle, frame.foot), (frame.middle, join)])
        yield _line([(above[0].middle, join), (above[-1].middle, join)])
        top = join
    if len(below) == 1:
        yield _down(sheet.width / 2, top, end)
        return
    fork = end - DROP * 0.5
    yield _line([(sheet.width / 2, top), (sheet.width / 2, fork)])
    yield _line([(below[0].middle, fork), (below[-1].middle, fork)])
    for frame in below:
        yield _down(frame.middle, fork, end)


def _down(x: float, top: float, end: float) -> str:
    """An arrow downwards."""
    head = (
        f"{_n(x - HEAD)},{_n(end - 2 * HEAD)} {_n(x + HEAD)},{_n(end - 2 * HEAD)} {_n(x)},{_n(end)}"
    )
    return _line([(x, top), (x, end - HEAD)]) + _head(head)


def _arrow(points: list[tuple[float, float]], end: float) -> str:
    """An arrow to the right."""
    y = points[-1][1]
    head = (
        f"{_n(end - 2 * HEAD)},{_n(y - HEAD)} {_n(end - 2 * HEAD)},{_n(y + HEAD)} {_n(end)},{_n(y)}"
    )
    return _line([*points, (end - HEAD, y)]) + _head(head)


def _head(points: str) -> str:
    return f'<polygon points="{points}" fill="currentColor" stroke="none"/>'


def _line(points: list[tuple[float, float]]) -> str:
    return f'<polyline points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in points)}"/>'


def _n(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.1f}".removesuffix(".0")
