"""Adverse events by arm: subjects, share, events and risk differences (CONSORT Harms 2022).

Shares have Clopper-Pearson intervals, differences the score interval of Miettinen & Nurminen, and
their p-value is Fisher's.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from ketaoutcomes.describe.safety.population import SafetyPopulation
from ketaoutcomes.numerics.incidence import clopper_pearson, fisher_p_value
from ketaoutcomes.numerics.proportions import TwoProportions, miettinen_nurminen_difference
from ketaoutcomes.results import Result

OVERVIEW, BY_TERM = "aet01", "aet02"
ANY = "any adverse event"
DIFFERENCE_METHOD = "Miettinen-Nurminen score interval; Fisher's exact test"


def adverse_event_overview(people: SafetyPopulation, conf_level: float) -> tuple[Result, ...]:
    """Subjects with any, any related, any severe and any serious event, and who left for one.

    "adverse event" must be a reason of leaving in the data for the last.
    """
    events = people.events
    severe = events["severity"].astype(str).str.casefold() == "severe"
    parts = {
        ANY: events,
        "related": events[events["related"].eq(True)],
        "severe": events[severe],
        "serious": events[events["serious"].eq(True)],
    }
    rows = [
        row
        for group, part in parts.items()
        for row in _group(people, OVERVIEW, group, part, conf_level)
    ]
    left = people.subjects["reason"].astype(str).str.casefold() == "adverse event"
    if left.any():
        words = "left the study for an adverse event"
        rows += _group(people, OVERVIEW, words, people.subjects[left], conf_level)
    return tuple(rows)


def adverse_events_by_term(people: SafetyPopulation, conf_level: float) -> tuple[Result, ...]:
    """The same for each system organ class and each preferred term within it.

    `group` is "class" or "class: term"; classes by name, terms by how many had them.
    """
    rows: list[Result] = []
    for soc, of_class in people.events.groupby("soc", sort=True):
        rows.extend(_group(people, BY_TERM, str(soc), of_class, conf_level))
        counts = of_class.groupby("term")["subject"].nunique()
        for term in sorted(counts.index, key=lambda name: (-counts[name], name)):
            part = of_class[of_class["term"] == term]
            rows.extend(_group(people, BY_TERM, f"{soc}: {term}", part, conf_level))
    return tuple(rows)


def _group(
    people: SafetyPopulation, table: str, group: str, part: pd.DataFrame, conf_level: float
) -> Iterator[Result]:
    """Subjects, share and events of each arm, then each arm against the reference."""
    common = Result(table=table, statistic="subjects", phase=people.phase, group=group)
    subjects = part.groupby("arm")["subject"].nunique()
    events = part["arm"].value_counts()
    counts = {arm: int(subjects.get(arm, 0)) for arm in people.arms}
    for arm, size in people.sizes.items():
        row = replace(common, arm=arm, n=size, n_events=int(events.get(arm, 0)))
        yield replace(row, estimate=float(counts[arm]))
        if size:
            yield share_row(replace(row, statistic="proportion"), counts[arm], conf_level)
    for arm in people.arms[1:]:
        yield _difference(replace(common, arm=arm), people, counts, conf_level)


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
    row: Result, people: SafetyPopulation, counts: dict[str, int], conf_level: float
) -> Result:
    sizes, reference = people.sizes, people.reference
    row = replace(
        row,
        statistic="risk difference",
        reference=reference,
        n=sizes[row.arm] + sizes[reference],
        method=DIFFERENCE_METHOD,
    )
    if not (sizes[row.arm] and sizes[reference]):
        return replace(row, status="failed", message="an arm has no subject")
    data = TwoProportions(counts[row.arm], sizes[row.arm], counts[reference], sizes[reference])
    difference = miettinen_nurminen_difference(data, conf_level)
    return replace(
        row,
        estimate=difference.estimate,
        conf_low=difference.conf_low,
        conf_high=difference.conf_high,
        conf_level=conf_level,
        p_value=fisher_p_value(data),
    )
