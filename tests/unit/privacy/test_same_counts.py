"""Counts that stand in several rows are one count: what hides it in one place must in all."""

import pytest

from ketaoutcomes.privacy.counts import cells_of
from ketaoutcomes.privacy.sums import add_sums
from ketaoutcomes.results import Result

ANALYSED = {"phase": "treatment", "endpoint": "relapse"}


def number(cells, row, field):
    """The cell that stands for the count of a row."""
    return cells.book.first(cells.of[cells.rows.index(row), field])


def test_events_of_a_model_stand_on_the_rows_of_its_arms():
    """A restricted mean of one arm by a model of both carries the events of both."""
    model = {**ANALYSED, "table": "aftt01", "analysis": "weibull", "n": 142, "n_events": 20}
    ratio = Result(statistic="time ratio", arm="drug", reference="placebo", estimate=2.0, **model)
    means = [
        Result(statistic="restricted mean", arm=arm, estimate=70.0, **model)
        for arm in ("placebo", "drug")
    ]
    cells = cells_of((ratio, *means))
    add_sums(cells, ())
    for mean in means:
        assert number(cells, mean, "n_events") == number(cells, ratio, "n_events")
        assert number(cells, mean, "n") == number(cells, ratio, "n")


@pytest.mark.parametrize("criteria", [(10,), (6, 4)])
def test_events_are_those_of_their_criteria(criteria):
    """The counts by criterion add up to the events, so that those censored follow from both."""
    of_arm = {**ANALYSED, "analysis": "tte", "arm": "placebo", "n": 25}
    events = Result(table="ttet01", statistic="events", estimate=10.0, n_events=10, **of_arm)
    by = [
        Result(table="ttet02", statistic="event by", group=f"kind {k}", estimate=count, **of_arm)
        for k, count in enumerate(criteria)
    ]
    cells = cells_of((events, *by))
    add_sums(cells, ())
    audit = cells.book.audit(11, 5)
    whole = number(cells, events, "estimate")
    parts = {number(cells, row, "estimate") for row in by}
    if len(criteria) == 1:
        assert parts == {whole}
    else:
        related = audit.margins.relations.toarray()
        assert any({*row.nonzero()[0]} == {whole, *parts} for row in related)
