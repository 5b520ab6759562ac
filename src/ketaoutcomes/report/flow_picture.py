"""The flow diagram as dots, for Word: the same boxes, arrows and words as its SVG."""

from io import BytesIO
from xml.etree import ElementTree as ET

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Polygon, Rectangle

from ketaoutcomes.report.figures import DOTS_PER_INCH, INK, PAPER, figure_style
from ketaoutcomes.visible import LINES, visible

UNITS_PER_INCH = 96
"""Units of the drawing are pixels of CSS."""

POINTS_PER_UNIT = 72 / UNITS_PER_INCH
SVG = "{http://www.w3.org/2000/svg}"


def flow_png(svg: str) -> bytes:
    """Draw a flow diagram that `flow_svg` made; the same diagram gives the same bytes."""
    drawing = ET.fromstring(visible(svg, LINES))  # noqa: S314 - our own drawing, no file of others
    width, height = float(drawing.get("width", 0)), float(drawing.get("height", 0))
    with figure_style(""):
        canvas = Canvas(figsize=(width / UNITS_PER_INCH, height / UNITS_PER_INCH), facecolor=PAPER)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        size = float(drawing.get("font-size", 0)) * POINTS_PER_UNIT
        for shape in drawing:
            _draw(axes, shape, size)
        dots = BytesIO()
        canvas.savefig(dots, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return dots.getvalue()


def _draw(axes: Axes, shape: ET.Element, size: float) -> None:
    """One box, line, arrow's head or line of words."""
    match shape.tag.removeprefix(SVG):
        case "rect":
            x, y, width, height = (float(shape.get(k, 0)) for k in ("x", "y", "width", "height"))
            axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=INK))
        case "polyline":
            points = _points(shape)
            axes.plot([x for x, _ in points], [y for _, y in points], color=INK, linewidth=1)
        case "polygon":
            axes.add_patch(Polygon(_points(shape), facecolor=INK, edgecolor="none"))
        case "text":
            words = (shape.text or "") + "".join(part.tail or "" for part in shape)
            axes.text(
                float(shape.get("x", 0)),
                float(shape.get("y", 0)),
                words,
                fontsize=size,
                fontweight=shape.get("font-weight", "normal"),
                color=INK,
                va="baseline",
                parse_math=False,
            )


def _points(shape: ET.Element) -> list[tuple[float, float]]:
    pairs = (pair.split(",") for pair in shape.get("points", "").split())
    return [(float(x), float(y)) for x, y in pairs]
