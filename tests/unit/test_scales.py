"""The scales that plans may name: what is known of each, and the page that says so."""

import sys
from pathlib import Path

import pytest

from ketaoutcomes.scales import SCALES, Scale

DOCS = Path(__file__).resolve().parents[2] / "docs"

# each from its manual: items, and points of an item, add up to the range
RANGES = {
    "MADRS": (10, 0, 6),
    "PHQ-9": (9, 0, 3),
    "GAD-7": (7, 0, 3),
    "BDI-II": (21, 0, 3),
    "CAPS-5": (20, 0, 4),
    "CAPS-5 intrusion": (5, 0, 4),
    "CAPS-5 avoidance": (2, 0, 4),
    "CAPS-5 cognition and mood": (7, 0, 4),
    "CAPS-5 arousal": (6, 0, 4),
    "PCL-5": (20, 0, 4),
    "Y-BOCS": (10, 0, 4),
    "HAM-A": (14, 0, 4),
    "SSI": (19, 0, 2),
    "SDS": (3, 0, 10),
    "CADSS": (23, 0, 4),
    "PWC-20": (20, 0, 3),
    "CGI-S": (1, 1, 7),
    "CGI-I": (1, 1, 7),
    "CGI-SS-r": (1, 0, 6),
    "EQ VAS": (1, 0, 100),
}


@pytest.mark.parametrize("name", RANGES)
def test_the_range_is_that_of_the_items(name: str) -> None:
    items, low, high = RANGES[name]
    scale = SCALES[name]
    assert (scale.items, scale.low, scale.high) == (items, items * low, items * high)


def test_the_clusters_of_caps_5_add_up() -> None:
    parts = [scale for name, scale in SCALES.items() if name.startswith("CAPS-5 ")]
    clusters = [scale for scale in parts if "cluster" in scale.label]
    items = [scale for scale in parts if scale not in clusters]
    assert len(items) == SCALES["CAPS-5 intrusion"].items
    assert sum(item.high for item in items) == SCALES["CAPS-5 intrusion"].high
    assert sum(scale.items or 0 for scale in clusters) == SCALES["CAPS-5"].items
    assert sum(scale.high for scale in clusters) == SCALES["CAPS-5"].high


@pytest.mark.parametrize("index", [-0.758, -0.865, -1.0259])
def test_the_lowest_utilities_of_published_value_sets_are_scores(index: float) -> None:
    """Of EQ-5D-5L: Denmark (Jensen 2021), Indonesia (Purba 2017), Taiwan (Lin 2018)."""
    assert SCALES["EQ-5D"].low <= index


@pytest.mark.parametrize("scale", SCALES.values(), ids=lambda scale: scale.name)
def test_every_threshold_has_a_source(scale: Scale) -> None:
    assert scale.source
    for threshold in (scale.response, scale.remission, scale.matters):
        assert threshold is None or (threshold.words and threshold.source)


def test_the_page_holds_every_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    import scales_page  # noqa: PLC0415 - the docs are no package

    page = scales_page.scales()
    assert [name for name in SCALES if f"| `{name}`: " not in page] == []
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    sys.modules.pop("scales_page")
