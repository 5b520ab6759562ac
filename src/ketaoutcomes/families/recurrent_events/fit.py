"""Events that come again: rates, mean numbers, and models of each event.

Andersen & Gill 1982, Ann Stat 10:1100-1120; Prentice, Williams & Peterson 1981, Biometrika
68:373-379; robust by participant, Lin, Wei, Yang & Ying 2000, J R Stat Soc B 62:711-730.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import RecurrentData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.families.recurrent_events.record import MeanCurve, RecurrentRecord
from ketaoutcomes.families.shared.rows import common_result, compared, design_of, with_ratio
from ketaoutcomes.families.shared.ticks import curve_ticks
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.mean_cumulative import MeanCumulative, mean_cumulative
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import RecurrentModel

TABLE = "rect01"
DAYS_PER_YEAR = 365.25


def fit_recurrent_analysis(
    name: str,
    analysis: RecurrentEventsAnalysis,
    estimand: Estimand,
    endpoint: RecurrentData,
    conf_level: float,
) -> Fitted:
    """Events, rates and mean numbers of each arm, and the ratios of the plan's models."""
    frame = compared(endpoint.frame, estimand)
    active, reference = estimand.treatment.active, estimand.treatment.reference
    common = replace(common_result(name, analysis, endpoint.name, endpoint.phase), table=TABLE)
    ticks, told = curve_ticks(float(endpoint.frame["stop"].max()), analysis.risk_table_every_days)
    rows: list[Result] = []
    curves: list[MeanCurve] = []
    for arm in (reference, active):
        here = frame[frame["arm"] == arm]
        if len(here):
            curve = mean_cumulative(here["subject"], here["start"], here["stop"], here["event"])
            rows += _of_one_arm(replace(common, arm=arm), here, curve, ticks, conf_level)
            curves.append(_drawn(arm, here, curve, ticks, conf_level))
    row = replace(
        common,
        arm=active,
        reference=reference,
        n=frame["subject"].nunique(),
        n_events=int(frame["event"].sum()),
    )
    rows += [_ratio(row, analysis, frame, model, conf_level) for model in analysis.models]
    record = RecurrentRecord(name, tuple(ticks.tolist()), tuple(curves))
    return Fitted(name, tuple(rows), record, told)


def _of_one_arm(
    common: Result,
    here: pd.DataFrame,
    curve: MeanCumulative,
    ticks: np.ndarray,
    conf_level: float,
) -> list[Result]:
    """Events, subjects with any, rate a year, and the mean number at each tick."""
    n, events = here["subject"].nunique(), int(here["event"].sum())
    years = float((here["stop"] - here["start"]).sum()) / DAYS_PER_YEAR
    common = replace(common, n=n, n_events=events)
    with_any = here.loc[here["event"], "subject"].nunique()
    z = float(norm.isf((1 - conf_level) / 2))
    rows = [
        replace(common, statistic="events", estimate=float(events)),
        replace(common, statistic="subjects with an event", estimate=float(with_any)),
        replace(common, statistic="years of follow-up", estimate=years),
        replace(common, statistic="events a year", estimate=events / years),
    ]
    for tick in ticks[1:]:
        mean, std_error = curve.at(float(tick))
        at_risk = int(((here["start"] < tick) & (tick <= here["stop"])).sum())
        row = replace(common, statistic="mean number of events", group=f"day {tick:g}", n=at_risk)
        if tick > float(here["stop"].max()):
            rows.append(replace(row, status="warning", message="beyond follow-up"))
            continue
        row = replace(row, estimate=mean, method="Nelson, variance by participant")
        if mean > 0:  # before the first event no variance is estimated, and no limit
            row = replace(
                row,
                std_error=std_error,
                conf_low=max(mean - z * std_error, 0.0),
                conf_high=mean + z * std_error,
                conf_level=conf_level,
            )
        rows.append(row)
    return rows


def _ratio(
    row: Result,
    analysis: RecurrentEventsAnalysis,
    frame: pd.DataFrame,
    model: RecurrentModel,
    conf_level: float,
) -> Result:
    """Ratio of rates, or of the hazards of the next event, with a robust standard error."""
    statistic = "rate ratio" if model == "Andersen-Gill" else f"hazard ratio ({model})"
    row = replace(row, statistic=statistic, method=f"{model} model, robust by participant")
    used = frame
    if model != "Andersen-Gill" and analysis.at_most_events is not None:
        used = frame[frame["number"] <= analysis.at_most_events]
    used = used.reset_index(drop=True)
    with_event = used.loc[used["event"].astype(bool), "arm"].unique()
    if not {row.arm, row.reference} <= set(with_event):
        return replace(row, status="failed", message="an arm has no event")
    start, stop = used["start"].to_numpy(float), used["stop"].to_numpy(float)
    gap = model == "PWP gap time"
    by = list(analysis.strata) if model == "Andersen-Gill" else [*analysis.strata, "number"]
    fit = fit_cox(
        cox_model(
            stop - start if gap else stop,
            used["event"],
            design_of(used, row.arm, analysis.covariates).X,
            entry=None if gap else start,
            strata=used.groupby(by, sort=True).ngroup() if by else None,
        ),
        cluster=pd.factorize(used["subject"])[0],
    )
    if not (fit.convergence.converged and np.isfinite(fit.beta[0])):
        return replace(row, status="failed", message=fit.convergence.message or "not estimable")
    return with_ratio(row, float(fit.beta[0]), float(fit.std_error[0]), conf_level)


def _drawn(
    arm: str, here: pd.DataFrame, curve: MeanCumulative, ticks: np.ndarray, conf_level: float
) -> MeanCurve:
    half = float(norm.isf((1 - conf_level) / 2)) * curve.std_error
    followed = here.groupby("subject")["stop"].max().to_numpy(float)
    with_event = here[here["event"].astype(bool)]
    at = with_event["stop"].to_numpy(float)
    since = np.searchsorted(ticks, at, side="left")
    return MeanCurve(
        arm,
        curve.times,
        curve.mean,
        np.maximum(curve.mean - half, 0.0),
        curve.mean + half,
        at_risk=tuple(int((followed >= tick).sum()) for tick in ticks),
        n_events=tuple(int((at <= tick).sum()) for tick in (*ticks, np.inf)),
        n_with_event=tuple(
            int(with_event.loc[since == place, "subject"].nunique())
            for place in range(len(ticks) + 1)
        ),
    )


def models_asked(analysis: RecurrentEventsAnalysis, row: Result) -> bool:
    """The models of each event are asked for where the plan writes `models`."""
    return row.table == "rect01" and "models" in analysis.model_fields_set
