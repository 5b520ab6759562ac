"""Standardised risks by logistic regression (g-computation)."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.registry import Family, Model
from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis

with imported_when_called(__name__):
    from ketaoutcomes.families.standardisation.calls import standardisation_calls
    from ketaoutcomes.families.standardisation.fit import fit_standardisation_analysis
    from ketaoutcomes.families.standardisation.hide import responders_behind_risks
    from ketaoutcomes.families.standardisation.page import (
        standardisation_in_words,
        standardisation_section,
    )
    from ketaoutcomes.families.standardisation.second import check_standardisation

STANDARDISATION_REFERENCES = (
    "Robins J. A new approach to causal inference in mortality studies with a sustained exposure "
    "period. Math Model 1986;7:1393-1512.",
    "Moore KL, van der Laan MJ. Covariate adjustment in randomized trials with binary outcomes. "
    "Stat Med 2009;28:39-64.",
)

FAMILY = Family(
    name="standardisation",
    place=70,
    models=(
        Model(
            part=StandardisationAnalysis,
            known_as=dict.fromkeys(
                ("standardisation", "standardization", "marginal"),
                "write `g_computation`",
            ),
            label="Standardised risks by logistic regression",
            table="gcmt01",
            takes=(BinaryData,),
            fit=fit_standardisation_analysis,
            second=check_standardisation,
            in_words=standardisation_in_words,
            calls=standardisation_calls,
            references=STANDARDISATION_REFERENCES,
            qualifier="standardised",
            without=("risk ratio", "odds ratio"),
            share="standardised risk",
        ),
    ),
    tables={"gcmt01": "standardised risks"},
    estimate_tables=("gcmt01",),
    relations=responders_behind_risks,
    sections=((380, standardisation_section),),
)
"""Standardised risks by logistic regression (g-computation)."""
