"""Small trials, and engines that err: each mutant is what a faulty engine would have given.

A mutant fits other data or another model than the plan has, or changes a number as a known slip
would, and claims the plan's result. The check has the plan and the data, as in every run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from ketaoutcomes.endpoints.data import BinaryData, ChangeData, RecurrentData, TimeToEventData
from ketaoutcomes.families.fitting import fit_analysis
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import Check
from two_arm_plans import two_arm_plan

VISITS = {"Week 0": {"day": 1}, "Week 1": {"day": 8}, "Week 2": {"day": 15}, "Week 4": {"day": 29}}
SEEN = ("Week 1", "Week 2", "Week 4")
Rows = tuple[Result, ...]


@dataclass(frozen=True)
class Trial:
    """A plan of one analysis `a` and its endpoint."""

    plan: AnalysisPlan
    endpoint: Any

    def fitted(self) -> Rows:
        """What the engine gives."""
        return fit_analysis(self.plan, "a", self.endpoint).results

    def checks(self, rows: Rows) -> tuple[Check, ...]:
        """The second program on these results."""
        analysis = self.plan.analyses["a"]
        second = model_of(analysis).second
        assert second is not None
        estimand = self.plan.estimands[analysis.estimand]
        return second(self.plan, "a", analysis, estimand, self.endpoint, rows)

    def with_rule(self, **keys: Any) -> "Trial":
        """The same data with another model."""
        analysis = self.plan.analyses["a"].model_copy(update=keys)
        return replace(self, plan=self.plan.model_copy(update={"analyses": {"a": analysis}}))

    def with_frame(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> "Trial":
        """The same model on other rows."""
        frame = change(self.endpoint.frame.copy()).reset_index(drop=True)
        return replace(self, endpoint=replace(self.endpoint, frame=frame))


def _people(n: int, seed: int) -> tuple[pd.DataFrame, np.random.Generator]:
    rng = np.random.default_rng(seed)
    subject = [f"s{k:03d}" for k in range(n)]
    arm = np.where(rng.permutation(n) % 2 == 0, "control", "drug")
    region = rng.choice(["east", "north", "west"], n)
    baseline = np.round(rng.normal(32, 5, n), 0)
    frame = {"subject": subject, "arm": arm, "region": region, "baseline": baseline}
    return pd.DataFrame(frame), rng


def _repeated(n: int = 90, seed: int = 1) -> pd.DataFrame:
    """Scores at three visits with dropout."""
    people, rng = _people(n, seed)
    own = rng.normal(0, 4, n)
    parts = []
    for place, visit in enumerate(SEEN):
        mean = 0.7 * people["baseline"] - 3 * place - 2 * (people["arm"] == "drug") * (place + 1)
        score = np.round(mean + own + rng.normal(0, 3 + place, n), 0)
        gone = rng.random(n) < 0.1 * place
        day = 7.0 * (2**place) + rng.integers(-1, 2, n)
        parts.append(people.assign(visit=visit, day=day, score=score.where(~gone)))
    frame = pd.concat(parts).sort_values(["subject", "day"], ignore_index=True)
    return frame.assign(change=frame["score"] - frame["baseline"])


def _plan(endpoint: dict[str, Any], estimand: dict[str, Any], analysis: dict[str, Any]) -> Any:
    return two_arm_plan(VISITS, endpoint, estimand, analysis, check="all")


def change_trial(**analysis: Any) -> Trial:
    """Change by a repeated-measures model."""
    plan = _plan(
        {"kind": "change", "scale": "MADRS"},
        {"summary": "difference in means", "visit": "Week 4"},
        {"covariates": ["baseline", "region"], **analysis},
    )
    data = ChangeData(
        "y", "p", "MADRS", ("control", "drug"), SEEN, _repeated(), nominal_days=(7.0, 14.0, 28.0)
    )
    return Trial(plan, data)


def paired_trial(**analysis: Any) -> Trial:
    """Later scores against the first within one arm, of which p-values are not nearly 0."""
    plan = _plan(
        {"kind": "change", "scale": "MADRS"},
        {"summary": "mean change", "visit": "Week 4", "treatment": {"active": "drug"}},
        {"model": "paired", **analysis},
    )
    near = change_trial(model="mmrm").with_frame(
        lambda f: f.assign(score=f["score"] + 15, change=f["change"] + 15)
    )
    return replace(near, plan=plan)


def paired_shares_trial(**analysis: Any) -> Trial:
    """Remission at each later visit against that at the first, within one arm."""
    plan = _plan(
        {"kind": "remission", "scale": "MADRS", "at_most": 20},
        {"summary": "change in proportion", "visit": "Week 4", "treatment": {"active": "drug"}},
        {"model": "paired_proportions", **analysis},
    )
    frame = _repeated(160, 4)
    known = frame["score"].notna()
    frame = frame.assign(
        first=(frame["baseline"] <= frame["baseline"].median()).astype(float),
        outcome=(frame["score"] <= frame["score"].median()).astype(float).where(known),
    ).drop(columns="change")
    return Trial(plan, BinaryData("y", "p", "MADRS", ("control", "drug"), SEEN, frame, "x"))


def binary_trial(summary: str = "difference in proportions", **analysis: Any) -> Trial:
    """Response by a model of proportions."""
    plan = _plan(
        {"kind": "response", "scale": "MADRS"},
        {"summary": summary, "visit": "Week 4"},
        analysis,
    )
    frame = _repeated(160, 2)
    outcome = (frame["change"] <= -0.4 * frame["baseline"]).astype(float)
    frame = frame.assign(outcome=outcome.where(frame["score"].notna())).drop(columns="change")
    return Trial(plan, BinaryData("y", "p", "MADRS", ("control", "drug"), SEEN, frame, "x"))


def time_trial(**analysis: Any) -> Trial:
    """Times in whole weeks, so that there are ties."""
    plan = _plan(
        {"kind": "time_to_event"},
        {"summary": "hazard ratio"},
        {"model": "time_to_event", "rmst_days": 60, **analysis},
    )
    people, rng = _people(120, 3)
    rate = 0.02 * np.exp(-0.6 * (people["arm"] == "drug") + 0.3 * (people["region"] == "east"))
    time = np.ceil(rng.exponential(1 / rate) / 7) * 7
    end = np.ceil(rng.uniform(40, 120, 120) / 7) * 7
    event = time <= end
    frame = people.assign(time=np.minimum(time, end), event=event)
    kinds = np.where(rng.random(120) < 0.3, "moved", "relapse")
    frame["reason"] = np.where(event, kinds, "end")
    frame["after"], frame["by"] = frame["time"] - 7, np.where(event, frame["time"], np.inf)
    return Trial(plan, TimeToEventData("y", "p", ("control", "drug"), frame, "x", "relapse"))


def recurrent_trial(**analysis: Any) -> Trial:
    """Events that come again, in whole weeks."""
    plan = _plan(
        {"kind": "recurrent_events", "events": ["x"]},
        {"summary": "rate ratio"},
        {"model": "recurrent_events", **analysis},
    )
    people, rng = _people(60, 4)
    rows = []
    for one in people.itertuples():
        start, number, end = 0.0, 1, float(7 * rng.integers(8, 20))
        own = rng.gamma(2, 0.5)
        while start < end:
            rate = 0.02 * own * (0.6 if one.arm == "drug" else 1.0)
            stop = start + 7 * np.ceil(rng.exponential(1 / rate) / 7)
            rows.append(
                (one.subject, one.arm, one.region, start, min(stop, end), stop <= end, number)
            )
            start, number = stop, number + 1
    columns = ["subject", "arm", "region", "start", "stop", "event", "number"]
    frame = pd.DataFrame(rows, columns=columns)
    return Trial(plan, RecurrentData("y", "p", ("control", "drug"), frame, "x", "event"))


@dataclass(frozen=True)
class Mutant:
    """A fault, the trial it is in, and the results that the faulty engine would give."""

    name: str
    trial: Trial
    rows: Callable[[], Rows]


def _first_known(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.drop(index=frame.index[frame[column].notna()][0])


def _swapped(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(arm=frame["arm"].map({"drug": "control", "control": "drug"}))


def _changed(trial: Trial, **change: Callable[[Result], float | None]) -> Callable[[], Rows]:
    """Every result with some of its numbers changed."""

    def rows() -> Rows:
        return tuple(
            replace(row, **{key: make(row) for key, make in change.items()})
            for row in trial.fitted()
        )

    return rows


def _times(field: str, factor: float) -> Callable[[Result], float | None]:
    def change(row: Result) -> float | None:
        value = getattr(row, field)
        return None if value is None else value * factor

    return change


def _normal_limit(row: Result) -> float | None:
    """The upper limit by the normal distribution."""
    if row.conf_high is None or row.std_error is None or row.estimate is None or row.df is None:
        return row.conf_high
    return row.estimate + float(norm.isf(0.025)) * row.std_error


def _normal_p(row: Result) -> float | None:
    if row.p_value is None or row.test_statistic is None or row.df is None:
        return row.p_value
    return float(2 * norm.sf(abs(row.test_statistic)))


def _slips(name: str, trial: Trial, *, t: bool = False) -> Iterator[Mutant]:
    """Slips of the numbers that any engine could make."""
    slips: dict[str, dict[str, Any]] = {
        "estimate of the other sign": {"estimate": _times("estimate", -1)},
        "standard error 0.5% too large": {"std_error": _times("std_error", 1.005)},
        "one-sided p": {"p_value": _times("p_value", 0.5)},
    }
    if t:
        slips["limit by the normal distribution"] = {"conf_high": _normal_limit}
        slips["p by the normal distribution"] = {"p_value": _normal_p}
    fitted = trial.fitted()
    for words, change in slips.items():
        field = next(iter(change))
        if any(getattr(row, field) is not None for row in fitted):
            yield Mutant(f"{name}: {words}", trial, _changed(trial, **change))


def _others(name: str, trial: Trial, **faults: Trial) -> Iterator[Mutant]:
    for words, faulty in faults.items():
        yield Mutant(f"{name}: {words.replace('_', ' ')}", trial, faulty.fitted)


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from _mixed_models()
    yield from _paired()
    yield from _binary_models()
    yield from _times_to_events()
    yield from _recurrent()


def _mixed_models() -> Iterator[Mutant]:
    mmrm = change_trial(model="mmrm", by_visit=["baseline"])
    yield from _slips("MMRM", mmrm, t=True)
    yield from _others(
        "MMRM",
        mmrm,
        one_row_dropped=mmrm.with_frame(lambda f: _first_known(f, "change")),
        one_subject_dropped=mmrm.with_frame(lambda f: f[f["subject"] != "s000"]),
        arms_changed_over=mmrm.with_frame(_swapped),
        a_covariate_left_out=mmrm.with_rule(covariates=("baseline",)),
        no_interaction_with_visit=mmrm.with_rule(by_visit=()),
        ML_in_place_of_REML=mmrm.with_rule(method="ml"),
        residual_df=mmrm.with_rule(df="residual"),
        between_within_df=mmrm.with_rule(df="between-within"),
        robust_errors=mmrm.with_rule(coefficient_covariance="empirical"),
        observed_weights_of_levels=mmrm.with_rule(weighting="observed"),
        scores_moved_by_a_hundredth=mmrm.with_frame(
            lambda f: f.assign(change=f["change"] + 0.01 * (f["arm"] == "drug"))
        ),
    )
    small = change_trial(model="mmrm", df="kenward-roger")
    yield from _others(
        "Kenward-Roger",
        small,
        errors_without_adjustment=small.with_rule(df="satterthwaite"),
        one_subject_dropped=small.with_frame(lambda f: f[f["subject"] != "s000"]),
        the_form_of_another_program=small.with_rule(df="kenward-roger-mmrm"),
    )
    robust = change_trial(model="mmrm", coefficient_covariance="cr2")
    yield from _others(
        "CR2",
        robust,
        CR3=robust.with_rule(coefficient_covariance="cr3"),
        no_correction=robust.with_rule(coefficient_covariance="empirical"),
        errors_of_the_model=robust.with_rule(coefficient_covariance="model"),
    )
    simple = change_trial(model="mmrm", covariance=["cs"])
    wrong = simple.with_rule(covariance=("ar1",))
    label = next(row.method for row in simple.fitted())
    yield Mutant(
        "MMRM: another covariance than it says",
        simple,
        lambda: tuple(replace(row, method=label) for row in wrong.fitted()),
    )
    for model in ("random_intercept", "random_slope"):
        trial = change_trial(model=model)
        yield from _slips(model, trial)
        yield from _others(
            model,
            trial,
            one_row_dropped=trial.with_frame(lambda f: _first_known(f, "change")),
            a_covariate_left_out=trial.with_rule(covariates=("baseline",)),
            arms_changed_over=trial.with_frame(_swapped),
        )
    mean = change_trial(model="conditional_mean")
    yield from _others(
        "conditional mean",
        mean,
        one_row_dropped=mean.with_frame(
            lambda f: f.assign(score=f["score"].where(f.index != f.index[f["score"].notna()][0]))
        ),
        a_covariate_left_out=mean.with_rule(covariates=("baseline",)),
        another_covariance=mean.with_rule(covariance="cs"),
    )


def _paired() -> Iterator[Mutant]:
    pairs = paired_trial()
    yield from _slips("paired", pairs, t=True)
    yield from _others(
        "paired",
        pairs,
        one_pair_dropped=pairs.with_frame(
            lambda f: f[~(f["subject"] == f.loc[f["arm"] == "drug", "subject"].iloc[0])]
        ),
        the_other_arm=pairs.with_frame(_swapped),
        all_in_place_of_pairs=pairs.with_rule(method="mixed_model"),
        scores_moved_by_a_hundredth=pairs.with_frame(
            lambda f: f.assign(score=f["score"] + 0.01, change=f["change"] + 0.01)
        ),
    )
    shares = paired_shares_trial()
    yield from _slips("pairs of yes or no", shares)
    yield from _others(
        "pairs of yes or no",
        shares,
        the_other_arm=shares.with_frame(_swapped),
        exact_in_place_of_mid_p=shares.with_rule(test="exact"),
        first_and_later_changed_over=shares.with_frame(
            lambda f: f.assign(first=f["outcome"], outcome=f["first"])
        ),
        missing_counted_as_failure=shares.with_frame(
            lambda f: f.assign(outcome=f["outcome"].fillna(0))
        ),
    )
    mixed = paired_trial(method="mixed model")
    yield from _slips("mixed model of pairs", mixed, t=True)
    yield from _others(
        "mixed model of pairs",
        mixed,
        pairs_in_place_of_all=mixed.with_rule(method="t test"),
        one_first_score_dropped=mixed.with_frame(
            lambda f: f.assign(
                baseline=f["baseline"].where(
                    f["subject"] != f.loc[f["arm"] == "drug", "subject"].iloc[0]
                )
            )
        ),
    )


def _binary_models() -> Iterator[Mutant]:
    def one_flipped(frame: pd.DataFrame) -> pd.DataFrame:
        at = frame.index[(frame["visit"] == "Week 4") & frame["outcome"].notna()][0]
        return frame.assign(outcome=frame["outcome"].where(frame.index != at, 1 - frame["outcome"]))

    plain = binary_trial(model="proportions")
    yield from _slips("proportions", plain)
    yield from _others(
        "proportions",
        plain,
        one_outcome_flipped=plain.with_frame(one_flipped),
        missing_left_out=plain.with_rule(missing_as="excluded"),
        last_value_carried_on=plain.with_rule(missing_as="last observation"),
        another_interval=plain.with_rule(interval="miettinen-nurminen"),
        arms_changed_over=plain.with_frame(_swapped),
    )
    strata = binary_trial(model="proportions", strata=["region"])
    yield from _others(
        "stratified proportions",
        strata,
        strata_ignored=strata.with_rule(strata=()),
        a_stratum_left_out=strata.with_frame(lambda f: f[f["region"] != "west"]),
        two_strata_taken_together=strata.with_frame(
            lambda f: f.assign(region=f["region"].replace("west", "east"))
        ),
    )
    gee = binary_trial(model="gee", covariates=["baseline"])
    yield from _slips("GEE", gee, t=True)
    yield from _others(
        "GEE",
        gee,
        one_outcome_flipped=gee.with_frame(one_flipped),
        uncorrected_sandwich=gee.with_rule(coefficient_covariance="robust"),
        independence=gee.with_rule(correlation="independence"),
        unstructured=gee.with_rule(correlation="unstructured"),
        a_covariate_left_out=gee.with_rule(covariates=()),
    )
    standard = binary_trial(model="g_computation", covariates=["baseline", "region"])
    yield from _slips("standardised risks", standard)
    yield from _others(
        "standardised risks",
        standard,
        one_outcome_flipped=standard.with_frame(one_flipped),
        a_covariate_left_out=standard.with_rule(covariates=("baseline",)),
        missing_left_out=standard.with_rule(missing_as="excluded"),
        arms_changed_over=standard.with_frame(_swapped),
    )
    mixed = binary_trial(model="logistic_mixed", covariates=["baseline"])
    yield from _slips("logistic mixed model", mixed)
    yield from _others(
        "logistic mixed model",
        mixed,
        one_outcome_flipped=mixed.with_frame(one_flipped),
        Laplace_in_place_of_quadrature=mixed.with_rule(nodes=1),
        a_covariate_left_out=mixed.with_rule(covariates=()),
    )


def _times_to_events() -> Iterator[Mutant]:
    def later(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(time=frame["time"] + (frame["subject"] == "s000"))

    def censored(frame: pd.DataFrame) -> pd.DataFrame:
        at = frame.index[frame["event"]][0]
        return frame.assign(event=frame["event"] & (frame.index != at))

    trial = time_trial(strata=["region"], landmark_days=[28])
    yield from _slips("times", trial)
    yield from _others(
        "times",
        trial,
        strata_ignored=trial.with_rule(strata=()),
        Breslow_in_place_of_Efron=trial.with_rule(ties="breslow"),
        exact_in_place_of_Efron=trial.with_rule(ties="exact"),
        one_time_a_day_later=trial.with_frame(later),
        one_event_taken_for_censoring=trial.with_frame(censored),
        one_subject_dropped=trial.with_frame(lambda f: f.iloc[1:]),
        arms_changed_over=trial.with_frame(_swapped),
        another_limit_of_the_mean=trial.with_rule(rmst_days=61.0),
        t_in_place_of_normal=trial.with_rule(restricted_mean_test="t"),
        another_scale_of_the_interval=trial.with_rule(interval="plain"),
    )
    competing = time_trial(competing=["moved"])
    yield from _others(
        "competing events",
        competing,
        one_event_taken_for_censoring=competing.with_frame(censored),
        a_kind_taken_for_the_other=competing.with_frame(
            lambda f: f.assign(reason=f["reason"].where(f["subject"] > "s030", "relapse"))
        ),
    )
    law = time_trial()
    plan = _plan(
        {"kind": "time_to_event"},
        {"summary": "difference in restricted mean time"},
        {"model": "aft", "rmst_days": 60},
    )
    aft = Trial(plan, law.endpoint)
    yield from _slips("parametric", aft)
    yield from _others(
        "parametric",
        aft,
        another_distribution=aft.with_rule(distribution="log-normal"),
        exponential_in_place_of_Weibull=aft.with_rule(distribution="exponential"),
        one_event_taken_for_censoring=aft.with_frame(censored),
    )


def _recurrent() -> Iterator[Mutant]:
    trial = recurrent_trial()
    yield from _slips("recurrent events", trial)
    yield from _others(
        "recurrent events",
        trial,
        each_row_taken_for_a_subject=trial.with_frame(
            lambda f: f.assign(subject=[f"r{k}" for k in range(len(f))])
        ),
        strata_where_there_are_none=trial.with_rule(strata=("region",)),
        one_event_left_out=trial.with_frame(
            lambda f: f.assign(event=f["event"] & (f.index != f.index[f["event"]][0]))
        ),
        only_first_events=trial.with_rule(at_most_events=1),
    )
