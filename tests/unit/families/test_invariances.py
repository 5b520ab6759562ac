"""Whole plans keep their results when rows, names, codes, arms or units are written otherwise."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import ketaoutcomes as ko
from tolerances import SAME_OPTIMUM

Frames = dict[str, pd.DataFrame]
NUMBERS = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]
COVARIATES = {"age": "age", "sex": "sex", "site": "site"}
DIFFERENCES = ("difference in LS means", "risk difference")
RATIOS = ("odds ratio", "hazard ratio", "time ratio", "rate ratio")


def people(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(17)
    return pd.DataFrame(
        {
            "id": [f"S{i:02d}" for i in range(n)],
            "arm": np.where(np.arange(n) % 2, "drug", "placebo"),
            "age": rng.integers(20, 65, n),
            "sex": rng.choice(["f", "m"], n),
            "site": rng.choice(["a", "b", "c"], n),
        }
    )


def visits() -> Frames:
    rng = np.random.default_rng(18)
    who = people()
    base, own = rng.integers(28, 44, len(who)), rng.normal(0, 3, len(who))
    fall = np.where(who["arm"] == "drug", 1.6, 0.9)
    last = rng.choice([2, 3, 3, 3], len(who))
    rows = []
    for visit, (day, size) in enumerate(((1, 0), (8, 3), (15, 6), (29, 9))):
        score = base - size * fall + (size > 0) * (own + rng.normal(0, 3, len(who)))
        here = who.assign(visit=f"V{visit}", day=day, score=score.round().astype(int))
        rows.append(here[last >= visit])
    return {"visits": pd.concat(rows, ignore_index=True)}


def times() -> Frames:
    rng = np.random.default_rng(19)
    who = people()
    event = np.ceil(rng.exponential(np.where(who["arm"] == "drug", 60, 35)))
    end = rng.integers(20, 90, len(who))
    return {"times": who.assign(time=np.minimum(event, end), event=(event <= end).astype(int))}


def events() -> Frames:
    rng = np.random.default_rng(20)
    who = people()
    last = rng.integers(60, 120, len(who))
    number = rng.poisson(np.where(who["arm"] == "drug", 1.2, 2.2))
    days = [sorted(set(rng.integers(1, end, k))) for end, k in zip(last, number, strict=True)]
    rows = [(i, day, "fall") for i, mine in zip(who["id"], days, strict=True) for day in mine]
    return {
        "subjects": who,
        "events": pd.DataFrame(rows, columns=["id", "day", "event"]),
        "follow_up": pd.DataFrame({"id": who["id"], "last_day": last, "reason": "completed"}),
    }


BLOCKS: dict[str, dict[str, Any]] = {
    "visits": {
        "columns": {"visit": "visit", "day": "day", "value": "score"},
        "endpoints": {
            "c": {"kind": "change", "phase": "p", "scale": "X"},
            "r": {
                "kind": "response",
                "phase": "p",
                "scale": "X",
                "improvement_at_least_percent": 30,
            },
        },
        "analyses": {
            "c difference_in_means": [
                {"model": "mmrm", "covariance": ["toeph"], "covariates": ["baseline", "site"]},
                {"model": "random_intercept", "covariates": ["baseline", "sex"]},
            ],
            "r risk_difference": [{"model": "proportions", "strata": ["site"]}],
            "r odds_ratio": [{"model": "gee", "covariates": ["age", "sex"]}],
        },
    },
    "times": {
        "columns": {"time": "time", "occurred": "event"},
        "endpoints": {"e": {"kind": "time_to_event", "phase": "p"}},
        "analyses": {
            "e hazard_ratio": [
                {"model": "time_to_event", "covariates": ["age", "sex"], "rmst_days": 40}
            ],
            "e time_ratio": [{"model": "aft", "covariates": ["age"], "rmst_days": 40}],
        },
    },
    "events": {
        "columns": {"day": ["day", "last_day"], "event": "event", "reason": "reason"},
        "endpoints": {"e": {"kind": "recurrent_events", "phase": "p", "events": ["fall"]}},
        "analyses": {"e rate_ratio": [{"model": "recurrent_events", "covariates": ["age"]}]},
    },
}
MADE = {"visits": visits, "times": times, "events": events}


def results(kind: str, frames: Frames, arms: tuple[str, str], **data: Any) -> pd.DataFrame:
    """The results of a plan that compares the second arm with the first."""
    reference, active = arms
    block = BLOCKS[kind]
    estimands, analyses = {}, {}
    for asked, models in block["analyses"].items():
        endpoint, summary = asked.split()
        name = f"{endpoint}_{summary}"
        estimands[name] = {
            "population": "x",
            "treatment": {"active": active, "reference": reference},
            "endpoint": endpoint,
            "summary": summary,
            **({"visit": "V3"} if kind == "visits" else {}),
        }
        for place, model in enumerate(models):
            role = "supplementary" if analyses else "primary"
            analyses[f"{name}_{place}"] = {"estimand": name, "role": role, **model}
    days = {"V0": 1, "V1": 8, "V2": 15, "V3": 29}
    scale = {"label": "x", "low": -1e5, "high": 1e5, "better": "lower", "source": "made"}
    plan = {
        "study": {"id": "x", "title": "x", "question": "x", "condition": "x"},
        "data": {
            "files": {role: f"{role}.csv" for role in frames},
            "columns": {
                "subject": "id",
                "arm": "arm",
                "covariates": COVARIATES,
                **block["columns"],
            },
            **data,
        },
        "scales": {"X": scale},
        "phases": {
            "p": {
                "label": "x",
                "arms": {reference: reference, active: active},
                "reference": reference,
                "visits": {visit: {"day": day} for visit, day in days.items()},
            }
        },
        "endpoints": block["endpoints"],
        "estimands": estimands,
        "analyses": analyses,
        "report": {"smallest_cell": 1},
    }
    return ko.run(plan, frames).results.set_index("id")


def of_arms(frames: Frames, change: Any) -> Frames:
    """The frames with the participants' columns changed."""
    return {role: change(f) if "arm" in f else f for role, f in frames.items()}


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert set(found.index) == set(expected.index)
    found, expected = (f[NUMBERS].astype(float) for f in (found.loc[expected.index], expected))
    # both fits end at the same optimum; df rest on second derivatives there
    np.testing.assert_allclose(found, expected, rtol=SAME_OPTIMUM, atol=1e-9)


@pytest.mark.parametrize("kind", list(BLOCKS))
def test_what_is_only_written_otherwise_changes_nothing(kind: str) -> None:
    frames, arms = MADE[kind](), ("placebo", "drug")
    base = results(kind, frames, arms)
    shuffled = {role: f.sample(frac=1, random_state=3) for role, f in frames.items()}
    same(results(kind, shuffled, arms), base)
    codes = {"f": "2 women", "m": "1 men"}
    recoded = of_arms(frames, lambda f: f.assign(sex=f["sex"].map(codes), age=10 * f["age"] - 7))
    same(results(kind, recoded, arms), base)
    named = of_arms(frames, lambda f: f.assign(arm=f["arm"].map({"placebo": "z", "drug": "a"})))
    renamed = results(kind, named, ("z", "a"))
    renamed.index = [
        "/".join({"z": "placebo", "a": "drug"}.get(part, part) for part in i.split("/"))
        for i in renamed.index
    ]
    same(renamed, base)


@pytest.mark.parametrize("kind", list(BLOCKS))
def test_another_reference_turns_the_comparison_round(kind: str) -> None:
    frames = MADE[kind]()
    base = results(kind, frames, ("placebo", "drug"))
    turned = results(kind, frames, ("drug", "placebo"))
    compared = base[base["statistic"].isin(DIFFERENCES + RATIOS) & base["reference"].ne("")]
    assert len(compared) >= len(BLOCKS[kind]["analyses"])
    for name, row in compared.iterrows():
        other = turned.loc[str(name).replace("/drug/placebo/", "/placebo/drug/")]
        turn = np.reciprocal if row["statistic"] in RATIOS else np.negative
        expected = [turn(float(row[c])) for c in ("estimate", "conf_high", "conf_low")]
        found = [float(other[c]) for c in ("estimate", "conf_low", "conf_high")]
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        if pd.notna(row["p_value"]):
            assert other["p_value"] == pytest.approx(row["p_value"], rel=1e-5)


@pytest.mark.parametrize(
    ("unit", "days"), [("hours", 1 / 24), ("weeks", 7), ("months", 30.4375), ("years", 365.25)]
)
def test_times_in_any_unit(unit: str, days: float) -> None:
    frames, arms = times(), ("placebo", "drug")
    told = {"times": frames["times"].assign(time=frames["times"]["time"] / days)}
    same(results("times", told, arms, time_unit=unit), results("times", frames, arms))


def test_scores_shifted_and_multiplied() -> None:
    """A change does not know the origin of the scale, and has its unit."""
    frames, arms = visits(), ("placebo", "drug")
    moved = frames["visits"].assign(score=10 * frames["visits"]["score"] + 100)
    base, found = (results("visits", f, arms) for f in (frames, {"visits": moved}))
    base, found = (f[f["statistic"] == "difference in LS means"] for f in (base, found))
    in_unit = ["estimate", "std_error", "conf_low", "conf_high"]
    same(found.assign(**{c: found[c].astype(float) / 10 for c in in_unit}), base)
