"""Items of scales whose totals a scenario tells, on request."""

from collections.abc import Mapping
from types import MappingProxyType

from ketaoutcomes.cohorts.simulation.parts_course import ScalePart, ScenarioScale
from ketaoutcomes.scales import SCALES

# Mean of each item relative to the others in moderate to severe depression, assumed: sadness, inner
# tension, concentration and lassitude weigh most, appetite, suicidal thoughts and insight least.
WEIGHTS = MappingProxyType(
    {
        "MADRS": (1.15, 1.2, 1.1, 1.1, 0.7, 1.0, 1.05, 1.05, 0.95, 0.7),
        "HAMD17": (3, 2, 1.2, 1.3, 1.2, 1.1, 3, 1, 1, 2.2, 1.8, 0.9, 1.5, 1.3, 1, 0.4, 0.2),
    }
)
SPREAD = 0.5
"""SD of the log share of an item between people, as in the scenario of suicidality."""


def _with_items(name: str) -> ScenarioScale:
    scale = SCALES[name]
    parts = {
        (item := f"{name} item {number}"): ScalePart(high=SCALES[item].high, weight=weight)
        for number, weight in enumerate(WEIGHTS[name], start=1)
    }
    return ScenarioScale(
        name=name, low=scale.low, high=scale.high, parts=parts, parts_spread=SPREAD
    )


ITEMS: Mapping[str, ScenarioScale] = MappingProxyType({name: _with_items(name) for name in WEIGHTS})
"""The scales whose items are known."""
