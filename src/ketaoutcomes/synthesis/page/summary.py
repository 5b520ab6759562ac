"""The summary of a synthesis: a structured abstract (PRISMA 2020 for abstracts), and plain words.

The headings are those of Page et al. 2021 (BMJ 372:n71, table 2). The summary for the public gives
numbers of people out of 100, as Cochrane's "corresponding risk" does: the events of all control
arms, and the pooled ratio applied to them.
"""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts
from ketaoutcomes.plan.synthesis import Outcome
from ketaoutcomes.report.blocks import Abstract, Statement
from ketaoutcomes.report.labels import joined, lowered, titled
from ketaoutcomes.report.numbers import (
    NOT_STATED,
    count,
    estimate,
    interval,
    level,
    number,
    p_value,
)
from ketaoutcomes.results import Result
from ketaoutcomes.second.page import agreement
from ketaoutcomes.studies import StudyData
from ketaoutcomes.synthesis.page.material import TWO, SynthesisMaterial, bounds_of
from ketaoutcomes.synthesis.page.words import pooling_in_words

FEW_STUDIES: Final = 10
"""Studies under which small-study effects and subgroups cannot be judged (Cochrane 10.11.5.1)."""

MOST_ARMS: Final = 6
"""Names of treatments that a summary lists."""

MUCH: Final = 50
"""I² from which heterogeneity may be substantial (Cochrane Handbook 10.10.2)."""


def abstract(material: SynthesisMaterial) -> Abstract:
    """Objective, sources, included studies, synthesis, results and limitations."""
    synthesis = material.plan.synthesis
    sources = synthesis.search or "How studies were searched and selected is not stated in the plan"
    parts = (
        ("Objective", (Statement(synthesis.question.strip()),)),
        ("Sources and eligibility", (Statement(f"{titled(sources.strip()).rstrip('.')}."),)),
        ("Included studies", tuple(_studies(material))),
        ("Outcomes", tuple(_outcomes(material))),
        ("Synthesis", (Statement(pooling_in_words(material.plan.pooling)),)),
        ("Results", tuple(_results(material))),
        ("Adverse events", (Statement("The plan does not ask for adverse events."),)),
        ("Limitations", tuple(_limitations(material))),
        ("Funding and registration", tuple(_funding(material))),
    )
    return Abstract("Abstract", tuple(part for part in parts if part[1]), "abstract")


def _studies(material: SynthesisMaterial) -> Iterator[Statement]:
    """How many studies, and of what treatments."""
    each = {study.study: study for data in material.data for study in data.studies}
    yield Statement(f"{count(len(each))} studies had a usable result of at least one outcome.")
    for words, names in (
        ("Active treatments", (study.active for study in each.values())),
        ("Controls", (study.control for study in each.values())),
    ):
        known = [name for name in dict.fromkeys(names) if name]
        if known:
            more = ("and others",) if len(known) > MOST_ARMS else ()
            yield Statement(f"{words}: {'; '.join((*known[:MOST_ARMS], *more))}.")


def _outcomes(material: SynthesisMaterial) -> Iterator[Statement]:
    for role in ("primary", "secondary"):
        own = [
            f"{lowered(outcome.label)}, {material.measure_within(name)}"
            for name, outcome in material.plan.outcomes.items()
            if outcome.role == role
        ]
        if own:
            plural = "s" if len(own) > 1 else ""
            yield Statement(f"{titled(role)} outcome{plural}: {'; '.join(own)}.")


def _results(material: SynthesisMaterial) -> Iterator[Statement]:
    for name in material.plan.outcomes:
        yield from _result(material, name)
    alike = agreement(material.told)
    if alike:
        yield Statement(alike)


def _result(material: SynthesisMaterial, name: str) -> Iterator[Statement]:
    """What was found, how far studies differ, and what to expect of the next."""
    row, studies = material.row(name, "pooled effect"), material.row(name, "studies")
    label = material.outcome(name).label
    if row is None or row.estimate is None or studies is None:
        yield Statement(f"{label}: no pooled effect could be estimated.")
        return
    of_whom = "" if row.n is None else f", {row.n:,} participants"
    where = f"{label} ({studies.estimate:.0f} studies{of_whom})"
    numbers = f"{estimate(row, TWO)} ({uncertainty(row)})"
    measure = material.measure_within(name)
    if not is_clear(row, material.outcome(name)):
        yield Statement(f"{where}: there was no clear difference ({measure} {numbers}).", (row.id,))
    else:
        yield Statement(f"{where}: {measure} {numbers}.", (row.id,))
    yield Statement(f"{better(material, name)}.")
    yield from _heterogeneity(material, name)


def _heterogeneity(material: SynthesisMaterial, name: str) -> Iterator[Statement]:
    expected, share = material.row(name, "prediction"), material.row(name, "I2")
    if expected is None or share is None or share.estimate is None:
        return
    yield Statement(
        f"Heterogeneity: I² {share.estimate:.0f}%; "
        f"{level(material.plan.report.confidence_level)} prediction interval for the true effect "
        f"of a new study {bounds_of(expected)}.",
        (share.id, expected.id),
    )


def is_clear(row: Result, outcome: Outcome) -> bool:
    """Whether the interval of a pooled effect leaves out the null value."""
    null = 1.0 if outcome.is_ratio else 0.0
    low, high = row.conf_low, row.conf_high
    return low is not None and high is not None and not low <= null <= high


def uncertainty(row: Result) -> str:
    """The interval and p-value of a pooled effect."""
    return f"{interval(row, TWO)}; {p_value(row)}"


def better(material: SynthesisMaterial, name: str) -> str:
    """Which way the effect is good."""
    outcome = material.outcome(name)
    side = "below" if outcome.better == "lower" else "above"
    return f"Values {side} {1 if outcome.is_ratio else 0} favour the active arm"


def _limitations(material: SynthesisMaterial) -> Iterator[Statement]:
    """What the run itself knows of the limits of its numbers."""
    yield Statement(
        "The program pooled the results in the file; it did not search for studies or assess "
        "publication bias beyond the tests shown."
    )
    rows = {name: material.row(name, "studies") for name in material.plan.outcomes}
    few = {name: row for name, row in rows.items() if row and (row.estimate or 0) < FEW_STUDIES}
    if few:
        labels = joined(lowered(material.outcome(name).label) for name in few)
        yield Statement(
            f"Fewer than {FEW_STUDIES} studies reported {labels}, so small-study effects cannot be "
            "judged.",
            tuple(row.id for row in few.values()),
        )
    shares = {name: material.row(name, "I2") for name in material.plan.outcomes}
    mixed = {name: row for name, row in shares.items() if row and (row.estimate or 0) >= MUCH}
    if mixed:
        labels = joined(lowered(material.outcome(name).label) for name in mixed)
        yield Statement(
            f"Heterogeneity between studies was substantial for {labels} (I² of at least {MUCH}%).",
            tuple(row.id for row in mixed.values()),
        )
    if not material.plan.data.columns.risk_of_bias:
        yield Statement("Risk of bias of the studies is not in the file.")


def _funding(material: SynthesisMaterial) -> Iterator[Statement]:
    synthesis = material.plan.synthesis
    for words, key in ((synthesis.funding, "Funding"), (synthesis.registration, "Registration")):
        yield Statement(f"{key}: {words.rstrip('.') if words else NOT_STATED}.")


def in_plain_language(material: SynthesisMaterial) -> Abstract:
    """What was done and found, for the public."""
    each = {study.study for data in material.data for study in data.studies}
    parts: list[tuple[str, tuple[Statement, ...]]] = [
        (
            "",
            (
                Statement(
                    f"We put the results of {len(each)} studies together. Each study compared a "
                    "treatment with a control."
                ),
            ),
        )
    ]
    for name, outcome in material.plan.outcomes.items():
        row = material.row(name, "pooled effect")
        if row is not None and row.estimate is not None:
            parts.append(("", tuple(_told(material, name, outcome, row))))
    return Abstract("In plain language", tuple(parts), "plain-language")


def _told(
    material: SynthesisMaterial, name: str, outcome: Outcome, row: Result
) -> Iterator[Statement]:
    """One outcome: of 100 people how many, or which group had the better score."""
    yield Statement(f"We looked at this: {lowered(outcome.label)}.")
    risks = _of_hundred(material.studies_of(name), outcome, row.estimate or 0.0)
    if risks is not None:
        control, active = (_people(risk) for risk in risks)
        yield Statement(f"Of 100 people in the control groups, {control} had this.")
        yield Statement(f"Of 100 people given the treatment, it may be {active}.", (row.id,))
    if not is_clear(row, outcome):
        yield Statement("There was no clear difference.", (row.id,))
    elif risks is None:
        good = (row.estimate or 0.0) < (1.0 if outcome.is_ratio else 0.0)
        side = "better" if good is (outcome.better == "lower") else "worse"
        yield Statement(f"People given the treatment did {side} on average.", (row.id,))
    if outcome.measure == "hedges_g":
        yield Statement(
            f"The size of the gap was {number(abs(row.estimate or 0.0), 1)}. A gap of 0.2 is often "
            "called small, 0.5 medium and 0.8 large.",
            (row.id,),
        )
    share = material.row(name, "I2")
    if share is not None and (share.estimate or 0) >= MUCH:
        yield Statement("The studies did not agree well with each other.", (share.id,))


def _people(risk: float) -> str:
    """A risk as a number out of 100."""
    return "none" if not risk else f"about {number(100 * risk, 0)}"


def _of_hundred(data: StudyData, outcome: Outcome, effect: float) -> tuple[float, float] | None:
    """The risk in all control arms, and with treatment by the pooled effect; None without counts.

    An odds ratio OR turns the risk p into OR p / (1 - p + OR p) (Cochrane Handbook 15.4.4.4).
    """
    arms = [study.numbers[1] for study in data.studies if isinstance(study.numbers, tuple)]
    counts = [arm for arm in arms if isinstance(arm, Counts)]
    if not counts or len(counts) < len(data.studies):
        return None
    risk = sum(arm.events for arm in counts) / sum(arm.n for arm in counts)
    match outcome.measure:
        case "risk_ratio":
            treated = risk * effect
        case "odds_ratio":
            treated = effect * risk / (1 - risk + effect * risk)
        case "risk_difference":
            treated = risk + effect
        case _:
            return None
    return risk, min(1.0, max(0.0, treated))
