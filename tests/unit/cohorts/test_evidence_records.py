"""Published results: what a record may say, how precise it is, and which are held out."""

from math import isclose, log, sqrt

import pytest
from pydantic import ValidationError

from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.evidence.holdout import folds, held_out, held_out_trials
from ketaoutcomes.cohorts.evidence.precision import precision_of
from ketaoutcomes.cohorts.evidence.records import PublishedResult

GOOD = {
    "id": "TF12SEX-013",
    "trial": "transform_1_2",
    "arm": "esketamine",
    "statistic": "mean change",
    "day": 28,
    "value": -19.69,
    "n": 310,
    "sd": 13.48,
    "source": "jones_2022",
}


def record(**changes) -> PublishedResult:
    fields = GOOD | changes
    return PublishedResult.model_validate({k: v for k, v in fields.items() if v is not None})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": float("nan")}, "finite"),
        ({"value": float("inf")}, "finite"),
        ({"sd": 0.0}, "greater than 0"),
        ({"se": -1.0}, "greater than 0"),
        ({"tolerance": 0.0}, "greater than 0"),
        ({"day": 0}, "greater than or equal to 1"),
        ({"hours": 24.0}, "at most one of `day` and `hours`"),
        ({"statistic": "response", "value": 101.0}, "from 0 to 100"),
        ({"statistic": "SD", "value": -2.0}, "an SD is above 0"),
        ({"statistic": "mean", "value": 61.0}, "MADRS is from 0 to 60"),
        ({"statistic": "correlation", "value": 1.2, "with_hours": 0.0}, "between -1 and 1"),
        ({"statistic": "correlation", "value": 0.5}, "takes `with_hours`"),
        ({"statistic": "hazard ratio", "versus": "placebo", "value": -1.0}, "above 0"),
        ({"statistic": "difference"}, "takes `versus`"),
        ({"statistic": "difference", "versus": "esketamine"}, "another arm"),
        ({"statistic": "remission", "value": 30.0}, "takes `at_most`"),
        ({"at_most": 12.0}, "takes no `at_most`"),
        ({"statistic": "adverse event", "value": 30.0}, "takes `event`"),
        ({"ci": [1.0, 2.0]}, "`ci` holds the value"),
        ({"statistic": "response", "value": 50.0, "events": 400}, "not above it"),
        ({"statistic": "response", "value": 50.0, "events": 100}, "100 times `events` by `n`"),
        ({"statistic": "guess"}, "Input should be"),
        ({"arms": 2}, "Extra inputs are not permitted"),
        ({"source": None}, "Field required"),
        ({"statistic": "rise ever", "value": 8.0}, "takes `at_least`"),
        ({"statistic": "odds ratio of response", "versus": "placebo", "value": -2.0}, "above 0"),
        ({"statistic": "event", "value": 5.0}, "takes `event`"),
        ({"statistic": "relative rate of event", "event": "first session"}, "`against` goes with"),
        ({"against": {"sex": "male"}}, "`against` goes with"),
    ],
)
def test_a_record_that_cannot_be_so_is_refused(changes, words):
    with pytest.raises(ValidationError, match=words):
        record(**changes)


# The formulas are worked by hand, without the package.
@pytest.mark.parametrize(
    ("changes", "std_error", "origin"),
    [
        ({}, 13.48 / sqrt(310), "SD/sqrt(n)"),
        ({"se": 0.8}, 0.8, "published SE"),
        ({"ci": [-21.65, -17.73]}, 1.0, "CI"),
        (
            {"statistic": "hazard ratio", "versus": "placebo", "value": 0.49, "ci": [0.29, 0.84]},
            (log(0.84) - log(0.29)) / 3.919928,
            "CI",
        ),
        (
            {
                "statistic": "odds ratio of response",
                "versus": "placebo",
                "value": 2.85,
                "ci": [1.14, 7.15],
            },
            (log(7.15) - log(1.14)) / 3.919928,
            "CI",
        ),
        ({"statistic": "SD", "value": 12.0, "n": 73}, 1.0, "SD of an SD"),
        (
            {"statistic": "response", "value": 0.0, "n": 98},
            100 * sqrt(0.01 * 0.99 / 98),
            "binomial",
        ),
        (
            {"statistic": "correlation", "value": 0.6, "with_hours": 0.0, "n": 19},
            0.64 / 4,
            "Fisher z",
        ),
        ({"tolerance": 2.0, "assumed": "a guess"}, 2.0, "assumed"),
    ],
)
def test_standard_error_of_a_published_result(changes, std_error, origin):
    precision = precision_of(record(**changes))
    assert precision.origin == origin
    # limits are printed to two decimals; the rest is arithmetic
    assert isclose(precision.std_error, std_error, rel_tol=1e-3 if origin == "CI" else 1e-12)


def test_a_mean_without_sd_has_no_standard_error():
    assert precision_of(record(sd=None)) is None


def test_holdout_is_about_a_fifth_in_whole_groups_and_does_not_hang_on_order():
    results = read_evidence().results
    chosen = held_out(results)
    assert chosen == held_out(reversed(results))
    assert 0.15 < len(chosen) / len(results) < 0.25
    groups_out = {r.group for r in results if r.id in chosen}
    groups_in = {r.group for r in results if r.id not in chosen}
    assert groups_out
    assert not groups_out & groups_in


def test_every_trial_keeps_a_group_in_the_fit():
    results = read_evidence().results
    chosen = held_out(results)
    assert {r.trial for r in results if r.id not in chosen} == {r.trial for r in results}


def test_holdout_of_a_trial_does_not_hang_on_other_trials():
    results = read_evidence().results
    chosen = held_out(results)
    for trial in ("synapse", "lii_2023", "transform_1"):
        own = [r for r in results if r.trial == trial]
        assert held_out(own) == {r.id for r in own if r.id in chosen}


def test_holdout_of_a_group_does_not_hang_on_the_values():
    results = read_evidence().results
    changed = [r.model_copy(update={"value": r.value + 1}) for r in results]
    assert held_out(changed) == held_out(results)


def test_folds_part_the_results_by_whole_trials():
    results = read_evidence().results
    parts = folds(results, 5)
    assert sum(map(len, parts)) == len(results)
    trials = [{r.trial for r in results if r.id in part} for part in parts]
    assert sum(map(len, trials)) == len({r.trial for r in results})
    assert max(map(len, trials)) - min(map(len, trials)) <= 1


def test_there_are_no_more_folds_than_trials():
    some = [r for r in read_evidence().results if r.trial in ("synapse", "lii_2023")]
    assert [len({r.trial for r in some if r.id in part}) for part in folds(some, 5)] == [1, 1]


def test_few_trials_can_spare_none_and_many_keep_the_first():
    assert held_out_trials(["a", "b", "c", "d"]) == frozenset()
    many = [f"trial_{i}" for i in range(60)]
    out = held_out_trials(many)
    assert out == held_out_trials(reversed(many))
    # a third of 60 by SHA-256: 20, within three binomial SDs of 3.7
    assert 9 <= len(out) <= 31
