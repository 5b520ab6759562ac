"""Whether the arms of a phase were given by chance, as far as a plan tells."""

from ketaoutcomes.plan import AnalysisPlan

BY_CHANCE = ("randomised", "pilot")


def is_randomised(plan: AnalysisPlan, phase: str) -> bool:
    """Whether several arms of a phase were allocated; `study.design` has the last word."""
    of_phase = plan.phases[phase]
    if len(of_phase.arms) == 1 or of_phase.arms_by is not None or of_phase.keeps_arms:
        return False
    return plan.study.design is None or plan.study.design in BY_CHANCE


def any_randomised(plan: AnalysisPlan) -> bool:
    """Whether any phase of a study was randomised."""
    return any(is_randomised(plan, phase) for phase in plan.phases)
