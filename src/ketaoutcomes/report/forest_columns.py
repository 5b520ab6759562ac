"""Numbers of each arm beside a forest of analyses: events of participants, or their mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ketaoutcomes.report.blocks import Cell
from ketaoutcomes.report.cells import told_by
from ketaoutcomes.report.labels import (
    arm_label,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, count_of, estimate
from ketaoutcomes.results import Result

EVENTS_OF, MEAN, SHARE = "events/n", "n, mean", "n, %"


FORMS: Final = {
    "events": EVENTS_OF,
    "responders": EVENTS_OF,
    "LS mean": MEAN,
    "mean": MEAN,
    "proportion": SHARE,
    "standardised risk": SHARE,
    "restricted mean": MEAN,
}
"""Statistic of an arm -> what stands beside the forest; the first that there is counts."""


@dataclass(frozen=True)
class Columns:
    """The columns of a forest.

    Attributes
    ----------
    heads : tuple of str
        One an arm, the active one first; none where no analysis has a number of its arms.
    of : mapping
        Analysis -> its cells, with the results that they show.
    note : str
        What they show, for the caption.
    """

    heads: tuple[str, ...]
    of: Mapping[str, tuple[Cell, ...]]
    note: str


def columns_of(material: Material, names: Sequence[str]) -> Columns:
    """What each analysis of one comparison has of each arm."""
    target = material.estimand(names[0])
    arms = target.treatment.arms
    rows = {name: [_of_arm(material, name, arm) for arm in arms] for name in names}
    known = [row for own in rows.values() for row in own if row is not None]
    if not known:
        return Columns((), dict.fromkeys(names, ()), "")
    forms = tuple(dict.fromkeys(FORMS[row.statistic] for row in known))
    said = "\nor ".join(forms)
    phase = material.plan.endpoints[target.endpoint].phase
    heads = tuple(f"{arm_label(material.plan, phase, arm)}\n{said}" for arm in arms)
    cells = {
        name: tuple(
            _cell(row, _analysed(material, name, arm)) for arm, row in zip(arms, own, strict=True)
        )
        for name, own in rows.items()
    }
    means = "; mean: model-based mean of the arm" if MEAN in forms else ""
    return Columns(heads, cells, f" n: participants analysed{means}.")


def _of_arm(material: Material, name: str, arm: str) -> Result | None:
    """The first of these numbers that an analysis has of an arm, at the visit of its result."""
    main = material.main_result(name)
    visit = main.visit if main is not None else ""
    found = (material.of_arm(name, statistic, arm, visit) for statistic in FORMS)
    return next((row for row in found if row is not None and not row.group), None)


def _analysed(material: Material, name: str, arm: str) -> Result | None:
    """How many of an arm are in an analysis, be they seen at the visit or not."""
    keys = {"table": "dst01", "statistic": "analysed", "analysis": name, "arm": arm}
    return next(iter(material.results.select(**keys)), None)


def events_of(row: Result) -> Cell:
    """Participants with an event, of those of their arm: `92/176`."""
    return told_by(f"{count_of(row, 'estimate')}/{count_of(row)}", row)


def _cell(row: Result | None, analysed: Result | None) -> Cell:
    """`92/176`, `184, −14.2`, or `–/176` of an analysis that counts no events by arm."""
    if row is None:
        return (
            Cell(ABSENT)
            if analysed is None
            else told_by(f"{ABSENT}/{count_of(analysed)}", analysed)
        )
    if FORMS[row.statistic] == EVENTS_OF:
        return events_of(row)
    return told_by(f"{count_of(analysed or row)}, {estimate(row)}", row, analysed)
