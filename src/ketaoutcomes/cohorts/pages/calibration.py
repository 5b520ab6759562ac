"""How well the scenario of a synthetic cohort meets the published record: the ledger."""

from math import exp

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.misses import why
from ketaoutcomes.cohorts.evidence.parameters import FittedFamily
from ketaoutcomes.cohorts.evidence.records import PublishedResult
from ketaoutcomes.cohorts.evidence.shipped import Share, ShippedRole, ShippedRow, shares
from ketaoutcomes.cohorts.pages.published import (
    decimals_of_published,
    published_value,
    result_words,
    unit_of_published,
)
from ketaoutcomes.cohorts.pages.residuals_figure import ResidualRow, residuals_svg
from ketaoutcomes.report.blocks import Block, Cell, Figure, Prose, Section, Table
from ketaoutcomes.report.cells import table_row
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, number

NORMAL_975 = 1.959963984540054
KNOWN = 0.95
"""A trial says something of its effect if its error is below this part of the prior's SD."""

ROLE_WORDS: dict[ShippedRole, str] = {
    "fitted": "trials that the scenario was fitted to",
    "held out": "trials kept for validation",
}
REPLICAS = "the same results in replicas of their trials"


def calibration_section(material: Material) -> Section | None:
    """Counts, residuals by trial, differences between trials, and the whole ledger."""
    evidence, synthetic = material.evidence, material.plan.data.synthetic
    if evidence is None or synthetic is None:
        return None
    rows = tuple(row for row in evidence.shipped if row.scenario == synthetic.scenario)
    if not rows:
        return Section("calibration", TITLE, (Prose((_NOTHING_TO_COMPARE,)),))
    blocks: list[Block] = [
        Prose((f"{_FITTED} {_SPREAD}", _REPLICAS)),
        _counts(rows),
        *_misses(rows),
        _residuals(rows, evidence),
    ]
    blocks += _effects_of_trials(rows, evidence)
    return Section("calibration", TITLE, tuple(blocks))


TITLE = "Calibration of the simulation to published trials"
_FITTED = (
    "The scenario was simulated as it is used here, in a large cohort with new random numbers. "
    "It was compared with each verified result on its population, treatment, time and measure. "
    "Residual: simulated minus published value, in standard errors of the publication."
)
_SPREAD = (
    "Trials of one design differ by more than chance. The verdict with spread adds the estimated "
    "standard deviation between trials to the standard error."
)
_REPLICAS = (
    "A replica is the simulation of a trial in its own design, with its own drug effect and "
    "placebo response. It shows how closely the model can reproduce the trial; the scenario shows "
    "how closely it does so as it is used here."
)
_NOTHING_TO_COMPARE = (
    "The values of the scenario were set by hand. None of the verified published results "
    "can be compared with one of its arms."
)


def _counts(rows: tuple[ShippedRow, ...]) -> Table:
    """How many results are met, by role and in all, and in replicas."""
    lines = []
    for role, words in ROLE_WORDS.items():
        own = [row for row in rows if row.role == role]
        if own:
            lines.append(_count_row(words, own))
    lines.append(_count_row("all results", rows))
    replicas = shares(row.replica_verdict for row in rows if row.replica_verdict)
    if replicas.results:
        cells = [str(replicas.results), *_within(replicas), ABSENT, ABSENT]
        lines.append(table_row(REPLICAS.capitalize(), cells))
    return Table(
        id="calt01",
        caption="Published results, and agreement of the scenario",
        columns=(
            "Results",
            "Number",
            "Within 1 SE",
            "Within 2 SE",
            "Within 1 SE, with spread",
            "Within 2 SE, with spread",
        ),
        rows=tuple(lines),
    )


def _count_row(label: str, rows: "tuple[ShippedRow, ...] | list[ShippedRow]") -> tuple[Cell, ...]:
    alone = shares(row.verdict for row in rows)
    spread = shares(row.verdict_with_spread for row in rows)
    return table_row(label.capitalize(), [str(len(rows)), *_within(alone), *_within(spread)])


def _within(met: Share) -> list[str]:
    return [f"{n} ({number(met.percent(n), 0)}%)" for n in (met.within_one, met.within_two)]


def _misses(rows: tuple[ShippedRow, ...]) -> tuple[Prose, ...]:
    """How many results are missed, and how many of these other trials contradict."""
    missed = [row for row in rows if row.is_missed]
    excluded = sum(bool(row.contradicted_by) for row in missed)
    spread = sum(row.verdict_with_spread != "missed" for row in missed)
    if not missed:
        return ()
    return (
        Prose(
            (
                f"{len(missed)} of {len(rows)} results {_are(len(missed))} missed by more than two "
                f"standard errors. With the spread between trials {spread} of these "
                f"{_are(spread)} within two; {excluded} {_are(excluded)} contradicted by results "
                "of other trials. The table of calibration results gives the reason for each.",
            )
        ),
    )


def _are(number_of_them: int) -> str:
    return "is" if number_of_them == 1 else "are"


def _residuals(rows: tuple[ShippedRow, ...], evidence: Evidence) -> Figure:
    """The figure of residuals, with the whole ledger as its numbers."""
    trials = dict.fromkeys(row.trial for row in rows)
    drawn = tuple(
        ResidualRow(
            evidence.trials[trial].label,
            tuple(r.residual for r in rows if r.trial == trial and r.role == "fitted"),
            tuple(r.residual for r in rows if r.trial == trial and r.role == "held out"),
        )
        for trial in trials
    )
    return Figure(
        id="calg01",
        caption=(
            "Standardised residuals of the scenario by trial. Filled symbols: results that it was "
            "fitted to; open symbols: trials held out. Bands: one and two standard errors; "
            "residuals beyond six are drawn at the edge."
        ),
        svg=residuals_svg("calg01", drawn),
        alternative=(f"Residuals of {len(rows)} published results in {len(drawn)} trials"),
        data=_ledger(rows, evidence),
    )


def _ledger(rows: tuple[ShippedRow, ...], evidence: Evidence) -> Table:
    """Every result with source, published and simulated value, trial by trial."""
    lines: list[tuple[Cell, ...]] = []
    for trial in dict.fromkeys(row.trial for row in rows):
        own = tuple(row for row in rows if row.trial == trial)
        lines += _block(evidence.trials[trial].label, own, evidence)
    return Table(
        id="calt02",
        caption="Calibration results: the scenario and the replica of each trial",
        columns=(
            "Result",
            "Published (SE)",
            "Scenario (Monte Carlo error)",
            "Residual",
            "Residual with spread",
            "Replica (residual)",
            "Verdict, with spread",
            "Role",
            "Contradicting results, or why it is missed",
        ),
        rows=tuple(lines),
        footnotes=(
            "Asterisk: result that required an assumption, described in the calibration file.",
            "Fitted: of a trial that the scenario was fitted to. Held out: of a trial that the "
            "fit did not use.",
            "Contradicted: another trial published the same measure, and no value is within two "
            "standard errors of both results.",
        ),
    )


def _block(label: str, rows: tuple[ShippedRow, ...], evidence: Evidence) -> list[tuple[Cell, ...]]:
    """The rows of a trial under its name and sources."""
    names = dict.fromkeys(evidence.result(row.id).source for row in rows)
    sources = "; ".join(evidence.sources[name].words for name in names)
    head: tuple[Cell, ...] = (Cell(f"{label} ({sources})", header=True),)
    return [head, *(_ledger_row(row, evidence) for row in rows)]


def _ledger_row(row: ShippedRow, evidence: Evidence) -> tuple[Cell, ...]:
    result = evidence.result(row.id)
    decimals, unit = decimals_of_published(result), unit_of_published(result)
    mark = " *" if row.assumed else ""
    replica = ABSENT
    if row.replica is not None:
        replica = f"{number(row.replica, decimals)}{unit} ({number(row.replica_residual, 2)})"
    return table_row(
        f"{result_words(result)}{mark}",
        [
            published_value(result),
            f"{number(row.shipped, decimals)}{unit} ({number(row.mc_error, 2)})",
            number(row.residual, 2),
            number(row.residual_with_spread, 2),
            replica,
            row.verdict_with_spread,
            row.role,
            why(row, evidence, _value) or ABSENT,
        ],
        indent=1,
    )


def _value(result: PublishedResult) -> str:
    """A published value without its error."""
    return f"{number(result.value, decimals_of_published(result))}{unit_of_published(result)}"


def _effects_of_trials(rows: tuple[ShippedRow, ...], evidence: Evidence) -> list[Block]:
    """One table for each family of replicas in which any of the trials has an effect of its own."""
    compared = {row.trial for row in rows}
    tables: list[Block] = []
    for name, fitted in evidence.fitted.items():
        effect = evidence.families[name].effect
        own = compared & set(fitted.trials)
        if effect is not None and fitted.between_trials_sd is not None and own:
            tables.append(_between_trials(fitted, effect.prior_sd, own, evidence))
    return tables


def _between_trials(
    fitted: FittedFamily, prior_sd: float, compared: set[str], evidence: Evidence
) -> Table:
    """The drug effect of each trial against the typical one: where trials conflict.

    A trial of which the fit knows no more than the prior is left out.
    """
    lines = []
    for trial in sorted(compared, key=lambda name: (fitted.trials[name].effect, name)):
        found = fitted.trials[trial]
        if found.effect_error is None or found.effect_error > KNOWN * prior_sd:
            continue
        low, high = (found.effect * exp(sign * NORMAL_975 * found.effect_error) for sign in (-1, 1))
        words = f"{number(found.effect, 2)} ({number(low, 2)} to {number(high, 2)})"
        lines.append(table_row(evidence.trials[trial].label, [words]))
    assert fitted.between_trials_sd is not None
    return Table(
        id="calt03",
        caption="The drug effect of each trial as a multiple of the typical one",
        columns=("Trial", "Multiple (95% interval, with its prior)"),
        rows=tuple(lines),
        footnotes=(
            "SD of the log of the multiple between trials: "
            f"{number(fitted.between_trials_sd, 2)} (DerSimonian and Laird), excluding "
            "the prior. Conflicting trials are not averaged: each has its own multiple.",
        ),
    )
