"""The true values of a plan's estimands: its scenario under each treatment, by the plan's rules."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from math import isnan
from typing import Any, Final

import numpy as np
import pandas as pd

from ketaoutcomes.cohorts import counterfactual
from ketaoutcomes.cohorts.counterfactual import Question, questions
from ketaoutcomes.cohorts.obtain import schedule_of
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.strategies import Seen, composite, jump_to_reference, while_on_treatment
from ketaoutcomes.cohorts.true_values import (
    by_strategy,
    indirect_effect,
    of_strategy,
    truth_of_estimand,
)
from ketaoutcomes.endpoints.data import BinaryData, ChangeData, TimeToEventData
from ketaoutcomes.families.registry import packages_of
from ketaoutcomes.families.shared.truth import pair_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.runs.kept import kept

NO_MATTER: Final = ("study", "power", "multiplicity", "report", "check")
"""Blocks of a plan on which no true value depends."""


def true_values(plan: AnalysisPlan, *, each_strategy: bool = False) -> tuple[Result, ...]:
    """True value of each estimand that is estimated; nothing for real data.

    Returns
    -------
    tuple of Result
        Table "trut01", and if asked for "trut02": what each strategy for the intercurrent events
        would ask for. They are kept between runs of the same plan and package.
    """
    if plan.data.synthetic is None:
        return ()
    # the files of somebody else's package are not among those that a kept value is bound to
    if packages_of(analysis.model for analysis in plan.analyses.values()):
        return tuple(map(_as_read_again, _found(plan, each_strategy=each_strategy)))
    rows = kept(
        "true-values",
        _determined_by(plan, each_strategy=each_strategy),
        lambda: [asdict(row) for row in _found(plan, each_strategy=each_strategy)],
    )
    return tuple(_as_read_again(Result(**row)) for row in rows)


def _as_read_again(row: Result) -> Result:
    """A row as it is read from a file of results: a visit without scores has no number, not NaN."""
    numbers = (row.estimate, row.std_error)
    estimate, error = (None if one is None or isnan(one) else one for one in numbers)
    return replace(row, estimate=estimate, std_error=error)


def _determined_by(plan: AnalysisPlan, *, each_strategy: bool) -> dict[str, Any]:
    """All that true values depend on: the plan without what has no part in them.

    The seed of the typical trial has none, since all true values come from cohorts of their own.
    """
    part = plan.model_dump(mode="json", exclude=set(NO_MATTER))
    synthetic = part["data"]["synthetic"]
    for of_the_trial in ("seed", "truth") if synthetic["trial"] == "typical" else ("truth",):
        synthetic.pop(of_the_trial)
    return {
        "plan": part,
        "each_strategy": each_strategy,
        "subjects": (counterfactual.LEAST_SUBJECTS, counterfactual.MOST_SUBJECTS),
    }


def _found(plan: AnalysisPlan, *, each_strategy: bool) -> tuple[Result, ...]:
    """The true values, simulated; a cohort is dropped after the last question that asks for it."""
    asked = tuple(questions(plan))
    declared: dict[str, tuple[Result, ...]] = {}
    strategies: dict[str, tuple[Result, ...]] = {}
    order = _in_turn(asked)
    for place, question in enumerate(order):
        left = order[place + 1 :]
        declared[question.analysis] = tuple(_declared(question))
        if each_strategy:
            rows = declared[question.analysis]
            strategies[question.analysis] = tuple(_each_strategy(question, rows))
        question.worlds.keep_only(
            {regime for other in left for regime in other.regimes},
            {other.subject for other in left},
        )
    answered = [
        answers.get(question.analysis, ())
        for answers in (declared, strategies)
        for question in asked
    ]
    return tuple(row for rows in answered for row in rows)


def _in_turn(asked: tuple[Question, ...]) -> tuple[Question, ...]:
    """The questions in the order in which the fewest cohorts are needed at once.

    After each the next is the one that needs the fewest new ones; all beginnings are tried.
    """
    needs = [set(question.regimes) for question in asked]
    orders = [_begun_with(first, needs) for first in range(len(asked))]
    best = min(orders, key=lambda found: found[0], default=(0, ()))[1]
    return tuple(asked[place] for place in best)


def _begun_with(first: int, needs: list[set[Regime]]) -> tuple[int, tuple[int, ...]]:
    """The most cohorts that an order needs at once, and the order."""
    order, left = [first], [place for place in range(len(needs)) if place != first]
    alive, most = needs[first], len(needs[first])
    while left:
        alive = alive & set().union(*(needs[place] for place in left))
        following = min(left, key=lambda place: len(needs[place] - alive))
        alive = alive | needs[following]
        most = max(most, len(alive))
        left.remove(following)
        order.append(following)
    return most, tuple(order)


def _declared(question: Question) -> Iterator[Result]:
    handled = question.plan.estimands[question.estimand_name].intercurrent_events
    regimes = question.declared
    plain = set(handled.values()) <= {"treatment policy", "hypothetical"}
    derived = question.as_it_comes if plain else question.derived
    pair = pair_of([derived(regime) for regime in regimes], paired=question.paired)
    yield from truth_of_estimand(question.plan, question.analysis, pair)
    scale = question.mediator
    if scale in question.worlds.scenario.mediators:
        lent = derived(replace(regimes[0], mediator_as=(scale, question.arms[1])))
        yield indirect_effect(question.plan, question.analysis, pair.active, lent)


def _each_strategy(question: Question, declared: tuple[Result, ...]) -> Iterator[Result]:
    """One row a strategy, for changes and proportions at the estimand's visit and for times.

    Means tell nothing of a summary whose true value is not known.
    """
    estimand = question.plan.estimands[question.estimand_name]
    events = tuple(estimand.intercurrent_events)
    if not events:
        return
    if estimand.visit is None:
        yield from _times_by_strategy(question, events)
        return
    if not any(row.statistic == estimand.summary for row in declared):
        return
    occurring = [_seen(question, question.regime(arm)) for arm in question.arms]
    removed = [_seen(question, question.regime(arm, without=events)) for arm in question.arms]
    if None in (*occurring, *removed):
        return
    seen = [side for side in occurring if side is not None]
    on = [side.last for side in removed if side is not None]
    outcomes = {
        "treatment policy": [side.last for side in seen],
        "hypothetical": on,
        "while on treatment": [while_on_treatment(side) for side in seen],
        "composite": [composite(side) for side in seen],
    }
    if len(on) > 1:
        outcomes["jump to reference"] = [jump_to_reference(seen[0], on[1]), on[1]]
    if question.worlds.unblinds:
        regimes = (replace(question.regime(arm), unblinding=False) for arm in question.arms)
        blind = [side.last for side in (_seen(question, r) for r in regimes) if side is not None]
        outcomes["treatment policy, blinding kept"] = blind
    for strategy, sides in outcomes.items():
        yield by_strategy(question.plan, question.analysis, strategy, sides, paired=question.paired)


def _times_by_strategy(question: Question, events: tuple[str, ...]) -> Iterator[Result]:
    """Restricted means where the event is no matter, does not happen, or counts as the endpoint."""
    occurring = [question.regime(arm) for arm in question.arms]
    removed = [question.regime(arm, without=events) for arm in question.arms]
    if not isinstance(question.as_it_comes(occurring[0]), TimeToEventData):
        return
    composite = []
    for regime in occurring:
        composite.append(question.handled_by("composite", regime))
        question.worlds.cohort(regime).forget_scores()  # no strategy asks for them again
    sides = {
        "treatment policy": [question.as_it_comes(regime) for regime in occurring],
        "hypothetical": [question.as_it_comes(regime) for regime in removed],
        "composite": composite,
    }
    for strategy, of_arms in sides.items():
        pair = pair_of(of_arms, paired=question.paired)
        for row in truth_of_estimand(question.plan, question.analysis, pair):
            yield of_strategy(row, strategy)


def _seen(question: Question, regime: Regime) -> Seen | None:
    """The outcome by visit up to the estimand's, if it is a change or a success."""
    match question.as_it_comes(regime):
        case ChangeData(visits=visits, frame=frame):
            column = "change"
        case BinaryData(visits=visits, frame=frame):
            column = "outcome"
        case _:
            return None
    estimand = question.plan.estimands[question.estimand_name]
    assert estimand.visit is not None
    kept = visits[: visits.index(estimand.visit) + 1]
    days = schedule_of(question.plan)[question.phase]
    events = question.worlds.cohort(regime).events
    events = events[events["phase"] == question.phase]
    events = events[events["event"].isin(tuple(estimand.intercurrent_events))]
    return Seen(
        outcome=_by_visit(frame, visits, column)[list(kept)],
        visit_days=np.array([days[visit] for visit in kept]),
        event_day=events.groupby("subject")["day"].min(),
    )


def _by_visit(frame: pd.DataFrame, visits: tuple[str, ...], column: str) -> pd.DataFrame:
    """One row a subject, one column a visit.

    Most frames hold each subject's visits in their order; they need no search.
    """
    rows = frame["subject"].to_numpy(dtype=object)[:: len(visits)]
    in_order = np.array_equal(frame["subject"], np.repeat(rows, len(visits))) and np.array_equal(
        frame["visit"], np.tile(np.array(visits, dtype=object), len(rows))
    )
    if not in_order or len(set(rows)) < len(rows):
        return frame.pivot(index="subject", columns="visit", values=column)
    values = frame[column].to_numpy(dtype=float).reshape(-1, len(visits))
    return pd.DataFrame(values, index=pd.Index(rows, name="subject"), columns=list(visits))
