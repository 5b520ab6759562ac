"""Numbers of each arm beside a forest of analyses: events of participants, or their mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ketaoutcomes.report.labels import arm_label
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, count_of, estimate
from ketaoutcomes.results import Result

EVENTS_OF, MEAN, SHARE = "events/n", "n, mean", "n, %"


def _events(row: Result) -> str:
    return f"{count_of(row, 'estimate')}/{count_of(row)}"


def _mean(row: Result) -> str:
    return f"{count_of(row)}, {estimate(row)}"


FORMS: Final[Mapping[str, tuple[str, Callable[[Result], str]]]] = {
    "events": (EVENTS_OF, _events),
    "responders": (EVENTS_OF, _events),
    "LS mean": (MEAN, _mean),
    "mean": (MEAN, _mean),
    "proportion": (SHARE, _mean),
}
"""Statistic of an arm -> what stands beside the forest, and how; the first that there is counts."""


@dataclass(frozen=True)
class Columns:
    """The columns of a forest.

    Attributes
    ----------
    heads : tuple of str
        One an arm, the active one first; none where no analysis has a number of its arms.
    of : mapping
        Analysis -> its cells.
    note : str
        What they show, for the caption.
    """

    heads: tuple[str, ...]
    of: Mapping[str, tuple[str, ...]]
    note: str


def columns_of(material: Material, names: Sequence[str]) -> Columns:
    """What each analysis of one comparison has of each arm."""
    target = material.estimand(names[0])
    arms = target.treatment.arms
    rows = {name: [_of_arm(material, name, arm) for arm in arms] for name in names}
    known = [row for own in rows.values() for row in own if row is not None]
    if not known:
        return Columns((), dict.fromkeys(names, ()), "")
    forms = tuple(dict.fromkeys(FORMS[row.statistic][0] for row in known))
    phase = material.plan.endpoints[target.endpoint].phase
    heads = tuple(f"{arm_label(material.plan, phase, arm)}\n{' or '.join(forms)}" for arm in arms)
    cells = {
        name: tuple(
            _without_events(material, name, arm) if row is None else FORMS[row.statistic][1](row)
            for arm, row in zip(arms, own, strict=True)
        )
        for name, own in rows.items()
    }
    means = "; mean: of the arm, by the model" if MEAN in forms else ""
    return Columns(heads, cells, f" n: participants analysed{means}.")


def _of_arm(material: Material, name: str, arm: str) -> Result | None:
    """The first of these numbers that an analysis has of an arm, at the visit of its result."""
    main = material.main_result(name)
    visit = main.visit if main is not None else ""
    found = (material.of_arm(name, statistic, arm, visit) for statistic in FORMS)
    return next((row for row in found if row is not None and not row.group), None)


def _without_events(material: Material, name: str, arm: str) -> str:
    """How many of an arm are in an analysis that counts no events by arm."""
    keys = {"table": "dst01", "statistic": "analysed", "analysis": name, "arm": arm}
    rows = material.results.select(**keys)
    return f"{ABSENT}/{count_of(rows[0])}" if rows else ABSENT
