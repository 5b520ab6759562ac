"""Rules about visits and scores."""

from collections.abc import Iterable, Iterator
from typing import Final

import pandas as pd

from ketaoutcomes.data.assemble import with_baseline_rows
from ketaoutcomes.data.contract.parts import (
    Contract,
    faulty_rows,
    repeated,
    unknown_labels,
    whole_column,
)
from ketaoutcomes.data.findings import CORRECT, listed, remedy_of_words
from ketaoutcomes.data.mapping import MappedTable, numbers
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import ChangeEndpoint, EndpointOfCut, ResponseEndpoint
from ketaoutcomes.scales import SCALES

SCORE_FIELDS: Final = ("value", "baseline")
SCORE_KEY: Final = ["subject", "phase", "visit", "scale"]
BASELINE_KEY: Final = ["subject", "phase", "scale"]


def visit_known(contract: Contract) -> Iterator[Problem]:
    """Every visit in the data is scheduled in its phase."""
    for table in contract.table("visits", "visit", "phase"):
        for name, phase in contract.plan.phases.items():
            yield from unknown_labels(
                table, "visit", phase.schedule(), table.frame["phase"] == name
            )


def scale_known(contract: Contract) -> Iterator[Problem]:
    """Every scale in the data has a known range."""
    for table in contract.table("visits", "scale"):
        yield from unknown_labels(table, "scale", (*contract.plan.scales, *SCALES))


def one_row_a_subject_and_visit(contract: Contract) -> Iterator[Problem]:
    """No subject has two scores of one scale at a visit."""
    for table in contract.table("visits", *SCORE_KEY):
        told = table.frame[["subject", "visit"]].notna().all(axis=1)
        second = table.frame.duplicated(SCORE_KEY) & told
        pairs = table.frame.loc[second, ["subject", "visit"]]
        yield from faulty_rows(
            table,
            "visit",
            second,
            "one row per participant and visit",
            repeated(
                table,
                "say which is right with `data.where.visits`, or use the first or the last with "
                "`data.take.visits`",
            ),
            found=(
                f"participant {s} at {v} again"
                for s, v in zip(pairs["subject"], pairs["visit"], strict=True)
            ),
        )


def scores_are_numbers(contract: Contract) -> Iterator[Problem]:
    """A score is a number or missing."""
    for field in SCORE_FIELDS:
        for table in contract.table("visits", field):
            yield from faulty_rows(
                table,
                field,
                table.frame[field].notna() & numbers(table.frame[field]).isna(),
                "a number",
                remedy_of_words(table.frame[field], CORRECT.format("the score")),
            )


def scores_in_range(contract: Contract) -> Iterator[Problem]:
    """A score lies within the range of its scale."""
    for field in SCORE_FIELDS:
        for table in contract.table("visits", field, "scale"):
            for name in table.frame["scale"].dropna().unique():
                if name not in contract.plan.scales and name not in SCALES:
                    continue
                scale = contract.plan.scale(name)
                score = numbers(table.frame[field])
                outside = ~score.between(scale.low, scale.high) & score.notna()
                yield from faulty_rows(
                    table,
                    field,
                    outside & (table.frame["scale"] == name),
                    f"a {name} score from {scale.low:g} to {scale.high:g}",
                    "correct the score, or name the right scale under `data.scale`",
                )


def baseline_constant(contract: Contract) -> Iterator[Problem]:
    """A baseline kept in a column does not change within a subject."""
    for table in contract.table("visits", "baseline", *BASELINE_KEY):
        baseline = numbers(table.frame["baseline"])
        key = [table.frame[field] for field in BASELINE_KEY]
        changed = baseline.notna() & (baseline != baseline.groupby(key).transform("first"))
        changed &= table.frame[BASELINE_KEY].notna().all(axis=1)
        yield from faulty_rows(
            table,
            "baseline",
            changed,
            "one baseline per participant",
            "correct the baseline, so that every row of the participant holds the same",
            found=(f"participant {subject}" for subject in table.frame.loc[changed, "subject"]),
        )


def baseline_agrees_with_its_visit(contract: Contract) -> Iterator[Problem]:
    """Where the data tell the baseline twice, as column and as visit, both are the same."""
    for table in contract.table("visits", "baseline", "value", *SCORE_KEY):
        at_baseline = _at_baseline(contract, table.frame)
        score, baseline = numbers(table.frame["value"]), numbers(table.frame["baseline"])
        differ = at_baseline & score.notna() & baseline.notna() & (score != baseline)
        if contract.plan.data.baseline_score is not None and "baseline" not in table.columns:
            yield from _baseline_of_others(table, table.frame.loc[differ, "scale"].unique())
            continue
        yield from faulty_rows(
            table,
            "baseline",
            differ,
            "the score of the baseline visit",
            "correct one of the two",
        )


def _baseline_of_others(table: MappedTable, scales: Iterable[str]) -> Iterator[Problem]:
    """A baseline score that the plan gives to all scales, where some were measured."""
    if measured := sorted(scales):
        others = sorted(set(table.frame["scale"].dropna()) - set(measured))
        named = ", ".join(f"{scale}: fixed" for scale in others) or "SCALE: fixed"
        yield Problem(
            "the plan, data.baseline_score",
            "a baseline score that holds for every scale",
            f"another one in the data, of {listed(measured)}",
            "remove it, or give it to the other scales alone by a column: "
            f'`derive: {{visits: {{fixed: "0"}}}}` and `columns: {{baselines: {{{named}}}}}`',
        )


def _at_baseline(contract: Contract, frame: pd.DataFrame) -> pd.Series:
    visit_of = {name: phase.baseline_visit for name, phase in contract.plan.phases.items()}
    return frame["visit"] == frame["phase"].map(visit_of)


def baseline_told(contract: Contract) -> Iterator[Problem]:
    """Somebody has a baseline score of each endpoint's scale."""
    for table in contract.table("visits", "value", *SCORE_KEY):
        scored = _scored(contract, table)
        for phase, scale in scored_endpoints(contract.plan):
            visit = contract.plan.phases[phase].baseline_visit
            if visit is not None and (phase, scale, visit) not in scored:
                field = "baseline" if table.has("baseline") else "visit"
                yield Problem(
                    whole_column(table, field),
                    f"a {scale} score at `{visit}`, the baseline of phase `{phase}`",
                    "no score in any participant",
                    "name the column under `data.columns.baseline`, "
                    f"or map the visit to `{visit}` under `data.labels.visit`",
                )


def every_visit_has_scores(contract: Contract) -> Iterator[Problem]:
    """Somebody has a score at each scheduled visit after baseline.

    A visit at which other scales were assessed is none that the file lacks: it is left out of the
    analyses of this one, with a note.
    """
    for table in contract.table("visits", "value", *SCORE_KEY):
        scored = _scored(contract, table)
        for phase, scale in scored_endpoints(contract.plan):
            visits = contract.plan.phases[phase].treatment_visits
            held = {visit for known, _, visit in scored if known == phase}
            silent = [visit for visit in visits if visit not in held]
            if silent:
                yield Problem(
                    whole_column(table, "visit"),
                    f"a {scale} score at every visit of phase `{phase}`",
                    f"no score in any participant at {listed(silent)}",
                    "take the visit out of the plan, or map its label under `data.labels.visit`",
                )


def _scored(contract: Contract, table: MappedTable) -> set[tuple[str, str, str]]:
    """Phase, scale and visit of every score; of one that is no number another rule tells."""
    long = with_baseline_rows(table, contract.plan)
    told = long[long["value"].notna()]
    return set(zip(told["phase"], told["scale"], told["visit"], strict=True))


def scored_endpoints(plan: AnalysisPlan) -> dict[tuple[str, str], None]:
    """Phase and scale of the endpoints that analyses look at visit by visit."""
    used = (plan.endpoints[plan.estimands[a.estimand].endpoint] for a in plan.analyses.values())
    return {
        (endpoint.phase, endpoint.scale): None
        for endpoint in used
        if isinstance(endpoint, ChangeEndpoint | ResponseEndpoint | EndpointOfCut)
    }
