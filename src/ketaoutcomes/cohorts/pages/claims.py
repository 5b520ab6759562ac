"""The claims that a plan bears on: what the record says, what this cohort shows."""

from ketaoutcomes.cohorts.evidence.claims import STANCE_WORDS, Claim
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.pages.published import published_value, result_words
from ketaoutcomes.cohorts.pages.scorecard import (
    interval_holds,
    truth_of,
    truth_with_error,
    units_of_estimates,
)
from ketaoutcomes.report.blocks import Block, Callout, Cell, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import result_title, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, estimate_with_limits
from ketaoutcomes.results import Result


def claims_section(material: Material) -> Section | None:
    """What the record says of each claim, and the estimates that bear on it."""
    evidence = material.evidence
    claimed = material.plan.study.claimed
    if evidence is None or not claimed:
        return None
    named = {name: evidence.claims[name] for name in claimed}
    others = {name: evidence.claims[name] for name in evidence.stated_always()}
    everything = named | others
    blocks: list[Block] = [Prose((_INTRODUCTION,))]
    blocks += [_finding(claim, evidence) for claim in everything.values()]
    blocks.append(_scorecard(material, named))
    published = _published(everything, evidence)
    if published is not None:
        blocks.append(published)
    return Section("claims", "Claims compared with published evidence", tuple(blocks))


_LIMITED = ("contradicted", "qualified", "unstudied")
_NO_ANALYSIS = "No analysis of a simulated cohort is relevant to this claim."
_INTRODUCTION = (
    "Each claim is compared with published evidence and with the estimates of this report. "
    "Estimates of a simulated cohort show that the analysis recovers the assumptions of the "
    "simulation; they are not evidence for a claim."
)


def _finding(claim: Claim, evidence: Evidence) -> Callout:
    """What was found of a claim; a warning where that contradicts or limits the claim."""
    title = f"{titled(STANCE_WORDS[claim.stance])}: “{claim.claim}”"
    words = [claim.says]
    if claim.sources:
        sources = "; ".join(evidence.sources[name].words for name in claim.sources)
        words.append(f"Sources: {sources}.")
    return Callout(title, tuple(words), "warning" if claim.stance in _LIMITED else "plain")


def _scorecard(material: Material, named: dict[str, Claim]) -> Table:
    """The claims with the estimates that are relevant to them."""
    rows: list[tuple[Cell, ...]] = []
    for name, claim in named.items():
        rows.append(
            (Cell(f"{claim.claim} Published evidence: {STANCE_WORDS[claim.stance]}.", header=True),)
        )
        if not claim.analysis:
            rows.append(table_row(_NO_ANALYSIS, [ABSENT] * 4, indent=1))
            continue
        analyses = material.plan.study.claimed[name] or _primary(material)
        rows += [
            _estimate_row(material, analysis)
            for analysis in analyses
            if analysis in material.plan.analyses
        ]
    return Table(
        id="clmt01",
        caption="Estimates relevant to each claim, with true values of the simulation",
        columns=(
            "Claim and analysis",
            f"Estimate ({material.interval_name})",
            "True value (Monte Carlo error)",
            f"{material.interval_name} includes true value",
            f"{material.interval_name} excludes the null value",
        ),
        rows=tuple(rows),
        footnotes=(units_of_estimates(material),),
    )


def _primary(material: Material) -> tuple[str, ...]:
    return tuple(n for n, a in material.plan.analyses.items() if a.role == "primary")


def _estimate_row(material: Material, analysis: str) -> tuple[Cell, ...]:
    row, truth = material.main_result(analysis), truth_of(material, analysis)
    return table_row(
        result_title(material.plan, analysis),
        [
            told_by(estimate_with_limits(row), row),
            told_by(ABSENT if truth is None else truth_with_error(truth), truth),
            ABSENT if row is None or truth is None else interval_holds(row, truth),
            ABSENT if row is None else _excludes_no_effect(row),
        ],
        indent=1,
    )


def _excludes_no_effect(row: Result) -> str:
    """Whether the interval leaves out a difference of nought or a ratio of one."""
    if row.includes_no_effect is None:
        return "no interval"
    return "no" if row.includes_no_effect else "yes"


def _published(claims: dict[str, Claim], evidence: Evidence) -> Table | None:
    """The published results that are relevant to the claims, each with its source."""
    rows: list[tuple[Cell, ...]] = []
    for claim in claims.values():
        if not claim.results:
            continue
        rows.append((Cell(claim.claim, header=True),))
        for name in claim.results:
            result = evidence.result(name)
            rows.append(
                table_row(
                    f"{evidence.trials[result.trial].label}: {result_words(result)}",
                    [published_value(result), evidence.sources[result.source].words],
                    indent=1,
                )
            )
    if not rows:
        return None
    return Table(
        id="clmt02",
        caption="Published results behind the claims",
        columns=("Claim and result", "Published (SE)", "Source"),
        rows=tuple(rows),
        footnotes=(
            "SE: standard error as published, or from the interval, the SD or the counts. "
            "A negative difference favours the active arm where lower scores are better.",
        ),
    )
