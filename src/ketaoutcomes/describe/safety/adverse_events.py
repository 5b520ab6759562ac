"""Adverse events by arm: subjects, share, events and risk differences (CONSORT Harms 2022).

Shares have Clopper-Pearson intervals, differences the score interval of Miettinen & Nurminen. Where
the plan asks for p-values they are those of the same score test, so that an interval that excludes
no difference and a small p-value go together; or Fisher's, and then there is no interval.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from ketaoutcomes.describe.safety.population import FATAL, PLACE, SafetyPopulation, each_word
from ketaoutcomes.families.shared.rows import with_limits
from ketaoutcomes.numerics.incidence import clopper_pearson, fisher_p_value
from ketaoutcomes.numerics.proportions import (
    TwoProportions,
    miettinen_nurminen_difference,
    miettinen_nurminen_p_value,
)
from ketaoutcomes.plan.safety import AdverseEventTest
from ketaoutcomes.results import Result

OVERVIEW, BY_TERM = "aet01", "aet02"
ANY = "any adverse event"
DEATHS, FATAL_EVENTS = "deaths", "fatal adverse event"
METHODS: Final[dict[AdverseEventTest, str]] = {
    "none": "Miettinen-Nurminen score interval",
    "score": "Miettinen-Nurminen score interval and test",
    "fisher": "Fisher's exact test",
}


@dataclass(frozen=True)
class Comparing:
    """How arms are compared: the level of intervals, and which test gives p-values, if any."""

    conf_level: float
    p_values: AdverseEventTest


def adverse_event_overview(people: SafetyPopulation, how: Comparing) -> tuple[Result, ...]:
    """Deaths, then subjects with any, related, severe and serious events, and who left for one.

    Deaths and fatal events are counted where the data tell them; for the last, "adverse event"
    must be a reason of leaving in the data.
    """
    events = people.placed_events
    grade = each_word(events["severity"], lambda word: str(word).casefold())
    parts = {**_fatal_parts(people), ANY: events}
    parts |= {
        "related": events[events["related"].eq(True)],
        "severe": events[grade == "severe"],
        "serious": events[events["serious"].eq(True)],
    }
    rows = [
        row for group, part in parts.items() for row in _group(people, OVERVIEW, group, part, how)
    ]
    reason = each_word(people.subjects["reason"], lambda word: str(word).casefold())
    left = reason == "adverse event"
    if left.any():
        words = "left the study for an adverse event"
        rows += _group(people, OVERVIEW, words, people.placed(people.subjects[left]), how)
    return tuple(rows)


def _fatal_parts(people: SafetyPopulation) -> dict[str, pd.DataFrame]:
    """Who died, and the fatal events, as far as the data tell them."""
    parts = {}
    if people.died is not None:
        dead = people.subjects["subject"].isin(people.died)
        parts[DEATHS] = people.placed(people.subjects[dead])
    if FATAL in people.events:
        events = people.placed_events
        parts[FATAL_EVENTS] = events[events[FATAL].eq(True)]
    return parts


def adverse_events_by_term(people: SafetyPopulation, how: Comparing) -> tuple[Result, ...]:
    """The same for each system organ class and each preferred term within it.

    `group` is "class" or "class: term"; classes by name, terms by how many had them.
    """
    rows: list[Result] = []
    for soc, of_class in people.placed_events[["soc", "term", PLACE]].groupby("soc", sort=True):
        rows.extend(_group(people, BY_TERM, str(soc), of_class, how))
        parts = {str(term): part for term, part in of_class.groupby("term")}
        counts = {term: int(people.with_any(part).sum()) for term, part in parts.items()}
        for term in sorted(counts, key=lambda name: (-counts[name], name)):
            rows.extend(_group(people, BY_TERM, f"{soc}: {term}", parts[term], how))
    return tuple(rows)


def _group(
    people: SafetyPopulation, table: str, group: str, part: pd.DataFrame, how: Comparing
) -> Iterator[Result]:
    """Subjects, share and events of each arm, then each arm against the reference."""
    common = Result(table=table, statistic="subjects", phase=people.phase, group=group)
    counts = people.by_arm(people.with_any(part))
    events = people.rows_by_arm(part)
    for arm, size in people.sizes.items():
        row = replace(common, arm=arm, n=size, n_events=events[arm])
        yield replace(row, estimate=float(counts[arm]))
        if size:
            yield share_row(replace(row, statistic="proportion"), counts[arm], how.conf_level)
    for arm in people.arms[1:]:
        yield _difference(replace(common, arm=arm), people, counts, how)


def share_row(row: Result, count: int, conf_level: float) -> Result:
    """The share of `row.n` subjects with its exact interval."""
    share = clopper_pearson(count, row.n or 0, conf_level)
    return replace(
        row,
        estimate=share.estimate,
        conf_low=share.conf_low,
        conf_high=share.conf_high,
        conf_level=conf_level,
        method="Clopper-Pearson exact interval",
    )


def _difference(
    row: Result, people: SafetyPopulation, counts: dict[str, int], how: Comparing
) -> Result:
    sizes, reference = people.sizes, people.reference
    row = replace(
        row,
        statistic="risk difference",
        reference=reference,
        n=sizes[row.arm] + sizes[reference],
        method=METHODS[how.p_values],
    )
    if not (sizes[row.arm] and sizes[reference]):
        return replace(row, status="failed", message="an arm has no participant")
    data = TwoProportions(counts[row.arm], sizes[row.arm], counts[reference], sizes[reference])
    if how.p_values == "fisher":
        return replace(row, estimate=data.p1 - data.p2, p_value=fisher_p_value(data))
    row = with_limits(row, miettinen_nurminen_difference(data, how.conf_level))
    p_value = miettinen_nurminen_p_value(data) if how.p_values == "score" else None
    return replace(row, conf_level=how.conf_level, p_value=p_value)
