"""Margins of non-inferiority in the unit of what is compared."""

from collections.abc import Iterator

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.reading.dangling import Dangling
from ketaoutcomes.plan.reading.numbers import PERCENT
from ketaoutcomes.plan.reading.source import Path

OF_SHARES = "difference in proportions"


def margin_in_its_unit(
    path: Path, analysis: AnalysisPart, estimand: Estimand
) -> Iterator[Dangling]:
    """A fault if a margin of proportions is no part of one, or that of a ratio is not above 1.

    A margin of 10 would call every difference of proportions non-inferior.
    """
    margin, place = analysis.margin, (*path, "margin")
    if margin is None:
        return
    if estimand.summary == OF_SHARES and margin >= 1:
        small = margin / PERCENT if margin < PERCENT else 0.1
        yield Dangling(
            place,
            "",
            "a margin of proportions as a part of one",
            f"`{margin:g}`",
            remedy=f"write `margin: {small:g}` for {small * PERCENT:g} percentage points",
        )
    elif estimand.summary.endswith(" ratio") and margin <= 1:
        yield Dangling(
            place,
            "",
            "a margin of a ratio above 1, such as 1.25",
            f"`{margin:g}`",
            remedy="write how many times worse is acceptable, such as `margin: 1.25`; where the "
            "ratio must stay above 0.8, this is 1 / 0.8",
        )
