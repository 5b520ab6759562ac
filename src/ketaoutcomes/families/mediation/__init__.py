"""How much of an effect passes through a measured change."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import MediationData
from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.registry import Family, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.mediation.derive import derive_mediation
    from ketaoutcomes.families.mediation.fit import fit_mediation_analysis
    from ketaoutcomes.families.mediation.hide import participants_behind_effects
    from ketaoutcomes.families.mediation.names import mentions, names, scale_of_mediator
    from ketaoutcomes.families.mediation.page import (
        mediation_calls,
        mediation_in_words,
        mediation_section,
        mediation_sentence,
    )
    from ketaoutcomes.families.mediation.second import check_mediation
    from ketaoutcomes.families.mediation.truth import true_effects

MEDIATION_REFERENCES = (
    "Imai K, Keele L, Yamamoto T. Identification, inference and sensitivity analysis for causal "
    "mediation effects. Stat Sci 2010;25:51-71.",
    "Imai K, Keele L, Tingley D. A general approach to causal mediation analysis. Psychol Methods "
    "2010;15:309-334.",
)

FAMILY = Family(
    name="mediation",
    place=80,
    models=(
        Model(
            part=MediationAnalysis,
            label="Mediation analysis",
            table="medt01",
            takes=(MediationData,),
            fit=fit_mediation_analysis,
            second=check_mediation,
            in_words=mediation_in_words,
            calls=mediation_calls,
            references=MEDIATION_REFERENCES,
            derive=derive_mediation,
            derive_truth=derive_mediation,
            truth=true_effects,
            names=names,
            mentions=mentions,
            through=scale_of_mediator,
            finding=mediation_sentence,
        ),
    ),
    tables={"medt01": "mediation", "medt02": "mediation under a hidden confounder"},
    estimate_tables=("medt01", "medt02"),
    relations=participants_behind_effects,
    main_results={"natural indirect effect": ("medt01", "natural indirect effect")},
    summary_meanings={
        "natural indirect effect": "The part of the effect that passes through the mediator.",
    },
    summary_names={
        "natural indirect effect": ("NIE",),
    },
    sections=((410, mediation_section),),
)
"""How much of an effect passes through a measured change."""
