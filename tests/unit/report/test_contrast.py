"""Every text of the page and of its figures is read against its ground, in light and in dark.

Contrast by the Web Content Accessibility Guidelines 2.2 (W3C 2023): relative luminance, and (L1 +
0.05) / (L2 + 0.05) of at least 4.5 for text of this size (success criterion 1.4.3), of at least 3
for marks and the field of the search (1.4.11).
"""

import re
from importlib.resources import files

import pytest

from ketaoutcomes.report.figures import ARM_COLOURS, INK, MUTED, PAPER
from ketaoutcomes.report.heatmap import DARK, ON_DARK

CSS = files("ketaoutcomes.report").joinpath("page.css").read_text(encoding="utf-8")
TEXT, MARK = 4.5, 3.0


def palette(start: str) -> dict[str, str]:
    """The colours of a block of the style sheet."""
    block = CSS[CSS.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


LIGHT = palette(":root {") | {
    "figure-ink": INK,
    "figure-muted": MUTED,
    "figure-paper": PAPER,
    **{f"figure-arm-{place}": colour for place, colour in enumerate(ARM_COLOURS, start=1)},
}
IN_DARK = LIGHT | palette("@media screen and (prefers-color-scheme: dark)")

PAIRS = [
    *(("ink", ground) for ground in ("paper", "wash", "answer", "warning", "search")),
    *(("quiet", ground) for ground in ("paper", "wash")),
    *(("accent", ground) for ground in ("paper", "answer")),
    *((f"figure-{ink}", "figure-paper") for ink in ("ink", "muted")),
    *((f"figure-arm-{place}", "figure-paper") for place in range(1, len(ARM_COLOURS) + 1)),
]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # fails by a little


@pytest.mark.parametrize("scheme", [LIGHT, IN_DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_is_read(scheme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(scheme[ink], scheme[ground]) >= TEXT


@pytest.mark.parametrize("scheme", [LIGHT, IN_DARK], ids=["light", "dark"])
def test_marks_are_seen(scheme: dict[str, str]) -> None:
    assert contrast(scheme["warning-rule"], scheme["paper"]) >= MARK
    assert contrast(scheme["quiet"], scheme["paper"]) >= MARK
    assert contrast("#000000", scheme["here"]) >= TEXT


def test_letters_on_a_dark_cell_of_a_heat_map() -> None:
    assert contrast(ON_DARK, DARK) >= TEXT


def test_dark_figures_have_a_colour_for_every_one_that_follows_the_page() -> None:
    dark = palette("@media screen and (prefers-color-scheme: dark)")
    named = {f"figure-{name}" for name in ("ink", "muted", "grid", "paper")}
    arms = {f"figure-arm-{place}" for place in range(1, len(ARM_COLOURS) + 1)}
    assert named | arms <= set(dark)
