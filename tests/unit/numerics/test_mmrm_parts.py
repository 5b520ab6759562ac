"""Sums of products of rows that are seen in parts are those of the rows written out."""

import numpy as np
import pytest

from ketaoutcomes.numerics.mmrm import patterns

SUMMED = 1e-10
"""Relative: products of numbers of the size of 30, summed in another order and another basis."""
SUBJECTS, VISITS = 90, 3


@pytest.mark.parametrize("late", [False, True], ids=["seen at once", "seen in a later part only"])
def test_parts_add_up_though_a_column_is_first_filled_in_a_later_one(
    monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    rng = np.random.default_rng(5)
    subject = np.repeat(np.arange(SUBJECTS), VISITS)
    visit = np.tile(np.arange(VISITS), SUBJECTS)
    own = np.eye(VISITS)[visit]
    group = rng.integers(0, 2, SUBJECTS)
    if late:
        group[: SUBJECTS // 2] = 0
    baseline = rng.normal(30, 5, SUBJECTS)
    X = np.column_stack([own, own * group[subject, None], own * baseline[subject, None]])
    y = rng.normal(20, 4, len(subject))
    seen = (visit == 0) | (rng.random(len(subject)) < 0.7)
    X, y, subject, visit = X[seen], y[seen], subject[seen], visit[seen]
    monkeypatch.setattr(patterns, "SUBJECTS_AT_A_TIME", 16)

    found = patterns.row_statistics(y, X, subject, visit, VISITS)

    back = np.linalg.inv(found.basis)
    raw = back.T @ found.centred @ back
    assert found.n_subjects.sum() == SUBJECTS
    for observed, products in zip(found.observed, raw, strict=True):
        expected = np.zeros_like(products)
        for person in range(SUBJECTS):
            rows = np.flatnonzero(subject == person)
            if set(visit[rows]) != set(np.flatnonzero(observed)):
                continue
            for one in rows:
                for other in rows:
                    z, w = np.append(X[one], y[one]), np.append(X[other], y[other])
                    expected[visit[one], visit[other]] += np.outer(z, w)
        assert products == pytest.approx(expected, rel=SUMMED, abs=SUMMED * expected.max())
