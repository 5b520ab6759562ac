"""Parametric models of a time to event."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.parametric_survival.plan import AftAnalysis, IntervalCensoredAnalysis
from ketaoutcomes.families.parametric_survival.record import ParametricRecord
from ketaoutcomes.families.parametric_survival.words import PARAMETRIC_REFERENCES
from ketaoutcomes.families.registry import Family, Hiding, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.parametric_survival.calls import aft_calls, interval_censored_calls
    from ketaoutcomes.families.parametric_survival.fit import fit_parametric_analysis
    from ketaoutcomes.families.parametric_survival.hide import (
        events_behind_errors,
        fitted_curves_only,
    )
    from ketaoutcomes.families.parametric_survival.names import entry_is_delayed
    from ketaoutcomes.families.parametric_survival.page import parametric_survival_section
    from ketaoutcomes.families.parametric_survival.second import check_parametric_survival
    from ketaoutcomes.families.parametric_survival.words import (
        aft_in_words,
        interval_censored_in_words,
    )

FAMILY = Family(
    name="parametric_survival",
    place=130,
    models=(
        Model(
            part=AftAnalysis,
            known_as={
                "weibull": "write `aft` with `distribution: weibull`",
                "exponential": "write `aft` with `distribution: exponential`",
                "log_normal": "write `aft` with `distribution: log_normal`",
                "log_logistic": "write `aft` with `distribution: log_logistic`",
                **dict.fromkeys(
                    ("survreg", "lifereg"),
                    "write `aft` with its `distribution`",
                ),
            },
            label="Accelerated failure time model",
            table="aftt01",
            takes=(TimeToEventData,),
            fit=fit_parametric_analysis,
            names=entry_is_delayed,
            second=check_parametric_survival,
            in_words=aft_in_words,
            calls=aft_calls,
            references=PARAMETRIC_REFERENCES,
        ),
        Model(
            part=IntervalCensoredAnalysis,
            known_as=dict.fromkeys(
                ("turnbull", "icenreg"),
                "write `interval_censored`",
            ),
            label="Interval-censored analysis",
            table="aftt01",
            takes=(TimeToEventData,),
            fit=fit_parametric_analysis,
            names=entry_is_delayed,
            second=check_parametric_survival,
            in_words=interval_censored_in_words,
            calls=interval_censored_calls,
            references=PARAMETRIC_REFERENCES,
        ),
    ),
    tables={"aftt01": "parametric models of a time to event"},
    estimate_tables=("aftt01",),
    main_results={"time ratio": ("aftt01", "time ratio")},
    summary_meanings={
        "time ratio": "Typical time to the event, active arm divided by reference.",
    },
    summary_names={
        "time ratio": ("acceleration factor",),
    },
    records={ParametricRecord: Hiding(shown=fitted_curves_only)},
    relations=events_behind_errors,
    sections=((350, parametric_survival_section),),
)
"""Parametric models of a time to event."""
