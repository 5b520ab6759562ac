"""Phases that everybody entered in the arm of an earlier phase, which the plan calls randomised."""

from collections.abc import Iterator

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.randomised import is_randomised
from ketaoutcomes.remarks import COUNT, Remark


def kept_arm_remarks(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """A warning for each such phase of several arms."""
    arms = cohort.assignments.set_index(["phase", "subject"])["arm"]
    known = [name for name in plan.phases if name in arms.index.get_level_values("phase")]
    for place, name in enumerate(known):
        own = arms.loc[name]
        before = next(
            (earlier for earlier in known[:place] if _the_same(arms.loc[earlier], own)), None
        )
        if before is not None and is_randomised(plan, name):
            yield Remark(
                f"All {COUNT} of this phase are in the arm that they had in "
                f"“{plan.phases[before].label}”, but the plan calls the phase randomised",
                where=f"“{plan.phases[name].label}”",
                remedy=f"If they were not randomised again, write `keeps_arms: true` under "
                f"phases.{name}",
                count=len(own),
                gravity="warning",
            )


def _the_same(before: pd.Series, own: pd.Series) -> bool:
    """Whether everybody of the later phase has the arm of the earlier one, of several arms."""
    return len(set(own)) > 1 and bool((before.reindex(own.index) == own).all())
