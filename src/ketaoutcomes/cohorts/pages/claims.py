"""The claims that a plan bears on: what the record says, what this cohort shows."""

from collections.abc import Iterator

from ketaoutcomes.cohorts.evidence.claims import Claim
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
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    level_words,
    plain,
    preferred_term,
    result_title,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    estimate,
    estimate_with_limits,
    is_hidden,
    p_value,
)
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
_NO_RESULT = "This plan has no result for this claim."
_EVENTS = "Adverse events: participants with the event in each arm, in %."
INTERACTION = "interaction"
_OF_GROUPS = (
    "A claim that groups of participants differ is compared with tests of interaction and with "
    "differences between groups, not with the effect in all participants."
)
_INTRODUCTION = (
    "Each claim is compared with published evidence and with the estimates of this report. "
    "Estimates of a simulated cohort show that the analysis recovers the assumptions of the "
    "simulation; they are not evidence for a claim."
)


def _finding(claim: Claim, evidence: Evidence) -> Callout:
    """What was found of a claim; a warning where that contradicts or limits the claim."""
    title = f"{titled(claim.in_words)}: “{claim.claim}”"
    words = [claim.says]
    if claim.sources:
        sources = "; ".join(evidence.sources[name].words for name in claim.sources)
        words.append(f"Sources: {sources}.")
    return Callout(title, tuple(words), "warning" if claim.stance in _LIMITED else "plain")


def _scorecard(material: Material, named: dict[str, Claim]) -> Table:
    """The claims with the estimates that are relevant to them."""
    rows: list[tuple[Cell, ...]] = []
    counted = False
    for name, claim in named.items():
        rows.append((Cell(f"{claim.claim} Published evidence: {claim.in_words}.", header=True),))
        of_claim = _between_groups if claim.between_groups else _overall
        own = [
            row
            for analysis in _relevant(material, name, claim)
            for row in of_claim(material, analysis)
        ]
        events = list(_event_rows(material, claim))
        without = _NO_RESULT if claim.analysis or claim.events else _NO_ANALYSIS
        rows += [*own, *events] or [table_row(without, [ABSENT] * 4, indent=1)]
        counted = counted or bool(events)
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
        footnotes=(
            units_of_estimates(material),
            *((_OF_GROUPS,) if any(claim.between_groups for claim in named.values()) else ()),
            *((_EVENTS,) if counted else ()),
        ),
    )


def _relevant(material: Material, name: str, claim: Claim) -> tuple[str, ...]:
    """The analyses that a claim is compared with.

    Those that the plan names for it. In a plain list of claims these are the primary analyses, but
    not of a claim about adverse events, which they say nothing of.
    """
    plan = material.plan
    if isinstance(plan.study.claims, dict):
        return tuple(analysis for analysis in plan.study.claims[name] if analysis in plan.analyses)
    if claim.events or not claim.analysis:
        return ()
    return tuple(n for n, analysis in plan.analyses.items() if analysis.role == "primary")


def _event_rows(material: Material, claim: Claim) -> Iterator[tuple[Cell, ...]]:
    """How many had each adverse event that a claim is about, by arm of each phase."""
    plan = material.plan
    for event in claim.events:
        rows = [
            row
            for table in ("aet02", "aet04")
            for row in material.results.select(table=table, statistic="proportion", reference="")
            if preferred_term(row.group).casefold() == event.casefold()
        ]
        by_arm = {(row.phase, row.arm): row for row in reversed(rows)}
        for phase in plan.phases:
            part = f" ({plan.phases[phase].label})" if len(plan.phases) > 1 else ""
            for arm in arms_of(plan, phase):
                row = by_arm.get((phase, arm))
                if row is not None:
                    words = f"{event}: {arm_label(plan, phase, arm)}{part}"
                    cells: list[str | Cell] = [told_by(_share(row), row), *[ABSENT] * 3]
                    yield table_row(words, cells, indent=1)


def _share(row: Result) -> str:
    return estimate(row) if is_hidden(row) else estimate_with_limits(row)


def _overall(material: Material, analysis: str) -> Iterator[tuple[Cell, ...]]:
    """The main comparison of an analysis; its true value only with it."""
    row = material.main_result(analysis)
    truth = None if row is None else truth_of(material, analysis)
    yield table_row(
        result_title(material.plan, analysis),
        [
            told_by(estimate_with_limits(row), row),
            told_by(ABSENT if truth is None else truth_with_error(truth), truth),
            ABSENT if row is None or truth is None else interval_holds(row, truth),
            ABSENT if row is None else _excludes_no_effect(row),
        ],
        indent=1,
    )


def _between_groups(material: Material, analysis: str) -> Iterator[tuple[Cell, ...]]:
    """What an analysis says of differences between groups: its interactions and comparisons."""
    title, found = result_title(material.plan, analysis), False
    for row in material.results.select(analysis=analysis):
        if row.statistic == INTERACTION:
            words, told = f"test of interaction with {plain(row.group)}", p_value(row)
            last = ABSENT
        elif row.group and row.reference and not row.arm:
            by, _, level = row.group.partition(": ")
            levels = " versus ".join(level_words(by, one) for one in (level, row.reference))
            words = f"{plain(by)}, {levels}"
            told, last = estimate_with_limits(row), _excludes_no_effect(row)
        else:
            continue
        found = True
        cells: list[str | Cell] = [told_by(told, row), ABSENT, ABSENT, last]
        yield table_row(f"{title}: {words}", cells, indent=1)
    if not found:
        yield table_row(f"{title}: no comparison of groups", [ABSENT] * 4, indent=1)


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
