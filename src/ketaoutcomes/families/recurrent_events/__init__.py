"""Events that a participant may have more than once."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import RecurrentData
from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.families.recurrent_events.record import RecurrentRecord
from ketaoutcomes.families.recurrent_events.words import RECURRENT_REFERENCES
from ketaoutcomes.families.registry import MOST_ROWS_ONE_BY_ONE, Family, Hiding, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.recurrent_events.calls import recurrent_calls
    from ketaoutcomes.families.recurrent_events.fit import fit_recurrent_analysis, models_asked
    from ketaoutcomes.families.recurrent_events.hide import (
        coarse_means,
        events_behind_errors,
        mean_days,
    )
    from ketaoutcomes.families.recurrent_events.page import recurrent_section
    from ketaoutcomes.families.recurrent_events.second import check_recurrent_events
    from ketaoutcomes.families.recurrent_events.words import recurrent_in_words

FAMILY = Family(
    name="recurrent_events",
    place=140,
    models=(
        Model(
            part=RecurrentEventsAnalysis,
            known_as={
                **dict.fromkeys(
                    ("lwyy", "andersen_gill", "pwp"),
                    "write `recurrent_events`, and name the model under `models`",
                ),
                **dict.fromkeys(
                    ("negative_binomial", "negbin", "poisson"),
                    "write `recurrent_events`; no Poisson or negative binomial model is offered",
                ),
            },
            label="Recurrent events analysis",
            table="rect01",
            takes=(RecurrentData,),
            fit=fit_recurrent_analysis,
            second=check_recurrent_events,
            second_rows=MOST_ROWS_ONE_BY_ONE,
            in_words=recurrent_in_words,
            calls=recurrent_calls,
            references=RECURRENT_REFERENCES,
            asked=models_asked,
        ),
    ),
    tables={"rect01": "recurrent events"},
    comparison_tables=("rect01",),
    main_results={"rate ratio": ("rect01", "rate ratio")},
    summary_meanings={
        "rate ratio": "Number of events per time, active arm divided by reference.",
    },
    summary_names={
        "rate ratio": ("incidence rate ratio", "IRR"),
    },
    records={RecurrentRecord: Hiding(shown=coarse_means, days=mean_days)},
    relations=events_behind_errors,
    sections=((360, recurrent_section),),
)
"""Events that a participant may have more than once."""
