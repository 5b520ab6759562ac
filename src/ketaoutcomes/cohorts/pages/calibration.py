"""How well the scenario of a synthetic cohort meets the published record: the ledger."""

from math import exp

from ketaoutcomes.cohorts.evidence.ledger import LedgerRole, LedgerRow, counts
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.parameters import FittedFamily
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
from ketaoutcomes.report.numbers import number

NORMAL_975 = 1.959963984540054
KNOWN = 0.95
"""A trial says something of its effect if its error is below this part of the prior's SD."""

ROLE_WORDS: dict[LedgerRole, str] = {
    "fitted": "fitted",
    "held out": "validation targets (not used for fitting)",
    "set": "targets fitted in this scenario",
    "refitted": "the scenario's own trial, fitted once more to all its results",
}


def calibration_section(material: Material) -> Section | None:
    """Counts, residuals by trial, differences between trials, and the whole ledger."""
    evidence, synthetic = material.evidence, material.plan.data.synthetic
    if evidence is None or synthetic is None:
        return None
    rows = tuple(row for row in evidence.ledger if row.scenario == synthetic.scenario)
    if not rows:
        return Section("calibration", TITLE, (Prose((_NOTHING_TO_COMPARE,)),))
    was_fitted = any(row.role == "fitted" for row in rows)
    introduction = _FITTED if was_fitted else _SET_BY_HAND
    blocks: list[Block] = [
        Prose((f"{introduction} {_RESIDUALS}",)),
        _counts(rows),
        _residuals(rows, evidence),
    ]
    for family in dict.fromkeys(row.family for row in rows):
        fitted, effect = evidence.fitted.get(family), evidence.families[family].effect
        if fitted is not None and effect is not None and fitted.between_trials_sd is not None:
            blocks.append(_between_trials(fitted, effect.prior_sd, rows, evidence))
    return Section("calibration", TITLE, tuple(blocks))


TITLE = "Calibration of the simulation to published trials"
_FITTED = (
    "The parameters of the scenario were fitted to published results by least squares "
    "with weak priors. Validation targets were not used for fitting and were compared "
    "afterwards."
)
_SET_BY_HAND = (
    "The values of the scenario were set by hand, not fitted. The table lists the "
    "published results that one of its arms can be compared with."
)
_RESIDUALS = (
    "Each trial was simulated again in its own design, with a large cohort and new "
    "random numbers. Residual: simulated minus published value, in standard errors of "
    "the publication. With a true model, about one in three exceeds one standard error "
    "by sampling variation of the trials alone."
)
_NOTHING_TO_COMPARE = (
    "The values of the scenario were set by hand. None of the verified published results "
    "can be compared with one of its arms."
)


def _counts(rows: tuple[LedgerRow, ...]) -> Table:
    """How many targets are met, by role."""
    lines = []
    for role, words in ROLE_WORDS.items():
        n = counts(rows, role)
        if n["targets"]:
            cells = [str(n["targets"])]
            cells += [_share(n[name], n["targets"]) for name in ("within 1 SE", "within 2 SE")]
            lines.append(table_row(words.capitalize(), [*cells, _share(n["missed"], n["targets"])]))
    return Table(
        id="calt01",
        caption="Published results, and agreement of the scenario",
        columns=("Results", "Number", "Within 1 SE", "Within 1 to 2 SE", "Beyond 2 SE"),
        rows=tuple(lines),
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({number(100 * part / whole, 0)}%)"


def _residuals(rows: tuple[LedgerRow, ...], evidence: Evidence) -> Figure:
    """The figure of residuals, with the whole ledger as its numbers."""
    judged = tuple(row for row in rows if row.role != "refitted")
    trials = dict.fromkeys(row.trial for row in judged)
    drawn = tuple(
        ResidualRow(
            evidence.trials[trial].label,
            tuple(r.residual for r in judged if r.trial == trial and r.role != "held out"),
            tuple(r.residual for r in judged if r.trial == trial and r.role == "held out"),
        )
        for trial in trials
    )
    return Figure(
        id="calg01",
        caption=(
            "Standardised residuals by trial. Filled symbols: fitted or fixed in the "
            "scenario; open symbols: validation targets. Bands: one and two standard "
            "errors; residuals beyond six are drawn at the edge."
        ),
        svg=residuals_svg("calg01", drawn),
        alternative=(f"Residuals of {len(judged)} published results in {len(drawn)} trials"),
        data=_ledger(rows, evidence),
    )


def _ledger(rows: tuple[LedgerRow, ...], evidence: Evidence) -> Table:
    """Every target with source, published and achieved value; the scenario's own trial first."""
    own = tuple(row for row in rows if row.role == "refitted")
    lines = _block("This scenario with its values", own, evidence) if own else []
    for trial in dict.fromkeys(row.trial for row in rows):
        judged = tuple(row for row in rows if row.trial == trial and row.role != "refitted")
        lines += _block(evidence.trials[trial].label, judged, evidence)
    return Table(
        id="calt02",
        caption="Calibration results by target",
        columns=(
            "Result",
            "Published (SE)",
            "Simulated (Monte Carlo error)",
            "Residual",
            "Verdict",
            "Role",
        ),
        rows=tuple(lines),
        footnotes=(
            "Asterisk: result that required an assumption, described in the calibration file.",
        ),
    )


def _block(label: str, rows: tuple[LedgerRow, ...], evidence: Evidence) -> list[tuple[Cell, ...]]:
    """The rows of a trial under its name and sources."""
    names = dict.fromkeys(evidence.result(row.id).source for row in rows)
    sources = "; ".join(evidence.sources[name].words for name in names)
    head: tuple[Cell, ...] = (Cell(f"{label} ({sources})", header=True),)
    return [head, *(_ledger_row(row, evidence) for row in rows)]


def _ledger_row(row: LedgerRow, evidence: Evidence) -> tuple[Cell, ...]:
    result = evidence.result(row.id)
    decimals, unit = decimals_of_published(result), unit_of_published(result)
    mark = " *" if row.assumed else ""
    return table_row(
        f"{result_words(result)}{mark}",
        [
            published_value(result),
            f"{number(row.achieved, decimals)}{unit} ({number(row.mc_error, 2)})",
            number(row.residual, 2),
            row.verdict,
            row.role,
        ],
        indent=1,
    )


def _between_trials(
    fitted: FittedFamily, prior_sd: float, rows: tuple[LedgerRow, ...], evidence: Evidence
) -> Table:
    """The drug effect of each trial against the typical one: where trials conflict.

    A trial of which the fit knows no more than the prior is left out.
    """
    shown = dict.fromkeys(row.trial for row in rows if row.trial in fitted.trials)
    lines = []
    for trial in sorted(shown, key=lambda name: fitted.trials[name].effect):
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
