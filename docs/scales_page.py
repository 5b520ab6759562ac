"""A Sphinx extension: the page of every scale that plans may name without defining it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ketaoutcomes.scales import SCALES, Scale, Threshold

PAGE = Path(__file__).parent / "scales.md"
INTRODUCTION = """\
# Scales

A plan may name these scales and measurements without defining them. Another scale, or another range
of one of these, is defined under `scales:`. A score outside the range is refused.

What counts as response or remission, and which difference matters to patients, was published for
certain patients; a plan always says itself what it takes. Where no source was found the cell is
empty.

Most ranges were read in a source. Those of HAMD17, HAMD6, SSI, Y-BOCS, LSAS, PWC-20 and the
clusters of CAPS-5 follow from their items and the highest score of each. Those of CGI-SS-r and
BPIC-SS were not found in print.
"""
HEAD = (
    "| scale | version | items | range | better | decimals | response | remission "
    "| least difference that matters | source |"
)


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: PAGE.write_text(scales(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def scales() -> str:
    """The page as Markdown."""
    rule = "|" + "---|" * (HEAD.count("|") - 1)
    return "\n".join([INTRODUCTION, HEAD, rule, *map(_row, SCALES.values()), ""])


def _row(scale: Scale) -> str:
    return "| " + " | ".join(_cells(scale)) + " |"


def _cells(scale: Scale) -> Iterator[str]:
    yield f"`{scale.name}`: {scale.label}"
    yield scale.version
    yield "" if scale.items is None else str(scale.items)
    yield f"{scale.low:g} to {scale.high:g} {scale.unit}"
    yield scale.better
    yield "" if scale.decimals is None else str(scale.decimals)
    for threshold in (scale.response, scale.remission, scale.matters):
        yield _words(threshold)
    yield scale.source


def _words(threshold: Threshold | None) -> str:
    return "" if threshold is None else f"{threshold.words} ({threshold.source})"
