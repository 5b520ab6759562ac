"""Time to an event: Kaplan-Meier, log-rank, Cox, restricted mean time, competing events."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.registry import Family, Hiding, Model, Parts
from ketaoutcomes.families.time_to_event.formulas import FORMULAS
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.families.time_to_event.record import SurvivalRecord
from ketaoutcomes.families.time_to_event.words import (
    KAPLAN_MEIER,
    RESTRICTED_MEAN,
    SURVIVAL_REFERENCES,
)

with imported_when_called(__name__):
    from ketaoutcomes.families.shared.counted import fewer_counts, joined_counts
    from ketaoutcomes.families.time_to_event.calls import time_to_event_calls
    from ketaoutcomes.families.time_to_event.delayed_entry import of_data_in_words
    from ketaoutcomes.families.time_to_event.derive import derive_with_courses
    from ketaoutcomes.families.time_to_event.fit import fit_time_to_event_analysis
    from ketaoutcomes.families.time_to_event.hide import (
        coarse_survival,
        events_behind_errors,
        merged_ticks,
        periods_follow_each_other,
        round_survival,
        survival_days,
        trend_of_rows,
    )
    from ketaoutcomes.families.time_to_event.names import (
        asked,
        competing_is_no_treatment_policy,
        mentions,
        names,
    )
    from ketaoutcomes.families.time_to_event.page import time_to_event_section
    from ketaoutcomes.families.time_to_event.parts import (
        fit_summed_times,
        summed_times,
        times_need_rows,
    )
    from ketaoutcomes.families.time_to_event.proportionality import beside_the_finding
    from ketaoutcomes.families.time_to_event.second import check_time_to_event
    from ketaoutcomes.families.time_to_event.words import time_to_event_in_words

FAMILY = Family(
    name="time_to_event",
    place=110,
    models=(
        Model(
            part=TimeToEventAnalysis,
            known_as={
                **dict.fromkeys(
                    (
                        *("cox", "cox_proportional_hazards", "proportional_hazards", "coxph"),
                        *("phreg", "lifetest", "kaplan_meier", "km", "logrank", "log_rank"),
                        *("rmst", "survival", "survfit", "survdiff"),
                    ),
                    "write `time_to_event`, which gives Kaplan-Meier curves, log-rank test, Cox "
                    "model and RMST",
                ),
                **dict.fromkeys(
                    ("fine_gray", "competing_risks", "cumulative_incidence"),
                    "write `time_to_event` with `competing`",
                ),
            },
            label="Time-to-event analysis",
            table="ttet01",
            event_free="kmt01",
            takes=(TimeToEventData,),
            fit=fit_time_to_event_analysis,
            second=check_time_to_event,
            in_words=time_to_event_in_words,
            of_data_in_words=of_data_in_words,
            calls=time_to_event_calls,
            references=SURVIVAL_REFERENCES,
            references_of_one_arm=(KAPLAN_MEIER, RESTRICTED_MEAN),
            derive=derive_with_courses,
            names=names,
            mentions=mentions,
            rules=(competing_is_no_treatment_policy,),
            asked=asked,
            beside=beside_the_finding,
            parts=Parts(
                sums=summed_times,
                joined=joined_counts,
                fewer=fewer_counts,
                fit=fit_summed_times,
                needs_rows=times_need_rows,
            ),
        ),
    ),
    tables={
        "kmt01": "Kaplan-Meier estimates",
        "ttet01": "time to event",
        "ttet02": "how follow-up ended",
        "ttet03": "time to event in a two-by-two trial: whether two factors interact",
        "ttet04": "time to event: whether all arms have the same hazard",
        "cift01": "events of several kinds",
    },
    named_tables=("ttet03", "ttet04"),
    caution_tables=("ttet02",),
    estimate_tables=("ttet01", "ttet02", "ttet03", "ttet04", "cift01"),
    main_results={
        "difference in restricted mean time": ("ttet01", "difference in restricted means"),
        "restricted mean time": ("ttet01", "restricted mean"),
        "hazard ratio": ("ttet01", "hazard ratio"),
    },
    summary_meanings={
        "difference in restricted mean time": (
            "Area under the event-free curve up to a day, active arm minus reference."
        ),
        "restricted mean time": "Area under the event-free curve of one arm up to a day.",
        "hazard ratio": "Rate of the event at any moment, active arm divided by reference.",
    },
    summary_names={
        "difference in restricted mean time": (
            "RMST difference",
            "difference in RMST",
            "difference in restricted mean survival time",
            "restricted mean survival time difference",
        ),
        "restricted mean time": ("RMST", "restricted mean survival time"),
        "hazard ratio": ("HR",),
    },
    no_summaries={
        "median survival": (
            "write `difference_in_restricted_mean_time`; medians are reported with it"
        ),
        **dict.fromkeys(
            ("difference in survival", "survival difference", "survival probability", "survival"),
            "write `difference_in_restricted_mean_time`; `landmark_days` compares the "
            "probabilities at days",
        ),
        **dict.fromkeys(
            ("ratio of medians", "median time to event", "median time", "median"),
            "write `difference_in_restricted_mean_time`; medians are reported with it",
        ),
        "log-rank": "that is a test; write `hazard_ratio`, and the test is reported with it",
        **dict.fromkeys(
            ("cumulative incidence", "subdistribution hazard ratio", "SHR"),
            "write `hazard_ratio`; with `competing` the analysis reports cumulative incidences and "
            "subdistribution hazard ratios",
        ),
        "win ratio": "no win ratio is estimated; write `hazard_ratio` for the time to an event",
    },
    of_one_arm=("restricted mean time",),
    records={
        SurvivalRecord: Hiding(
            shown=coarse_survival,
            days=survival_days,
            merged=merged_ticks,
            rounded=round_survival,
            follows=trend_of_rows,
        )
    },
    sums=periods_follow_each_other,
    relations=events_behind_errors,
    formulas=FORMULAS,
    sections=((340, time_to_event_section),),
)
"""Time to an event: Kaplan-Meier, log-rank, Cox, restricted mean time, competing events."""
