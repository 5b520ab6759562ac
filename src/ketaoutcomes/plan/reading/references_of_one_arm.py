"""What a plan of one arm can ask, and where a plan of several arms must name the reference."""

from collections.abc import Iterator

from ketaoutcomes.families.imputation.plan import ImputationPart
from ketaoutcomes.families.registry import models
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.vocabulary import REFERENCE_BASED


def _models_of_one_arm() -> tuple[str, ...]:
    return tuple(name for name, model in models().items() if model.part.fits_one_arm)


def reference_told(path: Path, reference: str, phase: Phase) -> Iterator[Dangling]:
    """A reference is an arm of the phase; only a phase of one arm has none."""
    arms = tuple(phase.arms)
    if reference:
        yield from named((*path, "reference"), reference, "an arm of the phase", arms)
    elif phase.only_arm is None:
        expected = "`reference`, the arm that others are compared with"
        yield Dangling(path, "", expected, "no `reference`", arms)


def in_claims(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Claims of effects are set beside comparisons; an estimate of one arm bears on none."""
    primary = tuple(name for name, part in plan.analyses.items() if part.role == "primary")
    by_analysis = isinstance(plan.study.claims, dict)
    for index, (claim, named_analyses) in enumerate(plan.study.claimed.items()):
        path: Path = ("study", "claims", claim if by_analysis else index)
        alone = [name for name in named_analyses or primary if _is_of_one_arm(plan, name)]
        if alone:
            yield Dangling(
                path,
                "",
                "claims of effects beside analyses that compare arms",
                f"`{claim}` beside {', '.join(f'`{name}`' for name in alone)}, of one arm",
                remedy="take the claim out, or name analyses that compare arms",
            )


def _is_of_one_arm(plan: AnalysisPlan, analysis: str) -> bool:
    if analysis not in plan.analyses:
        return False
    estimand = plan.estimands.get(plan.analyses[analysis].estimand)
    return estimand is not None and not estimand.treatment.compares


def of_one_arm(path: Path, analysis: AnalysisPart) -> Iterator[Dangling]:
    """An analysis that compares arms, of an estimand that has one."""
    model = str(getattr(analysis, "model", ""))
    if not analysis.fits_one_arm:
        yield Dangling(
            (*path, "model"),
            "",
            "a model of one arm, as the estimand has no `reference`",
            f"`{model}`, which compares arms",
            remedy=f"use one of: {', '.join(_models_of_one_arm())}",
        )
        return
    fields = type(analysis).model_fields
    for key in analysis.comparing_keys:
        if getattr(analysis, key) != fields[key].get_default():
            yield Dangling(
                (*path, key),
                "",
                "what one arm can have, as the estimand has no `reference`",
                f"`{key}`, which belongs to a comparison of arms",
                remedy="take it out",
            )
    if isinstance(analysis, ImputationPart):
        yield from _after(path, analysis)


def _after(path: Path, analysis: ImputationPart) -> Iterator[Dangling]:
    """Outcomes imputed from a reference arm that is not there."""
    for event, strategy in analysis.after.items():
        if strategy in REFERENCE_BASED:
            yield Dangling(
                (*path, "after", event),
                "",
                "an assumption that needs no reference arm, as the estimand has none",
                f"`{strategy}`",
                remedy="use `missing at random` or `last mean carried forward`",
            )
