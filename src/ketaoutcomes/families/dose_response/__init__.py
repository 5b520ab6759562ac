"""How the change depends on the dose."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.dose_response.plan import DoseResponseAnalysis
from ketaoutcomes.families.dose_response.record import DoseResponseRecord
from ketaoutcomes.families.registry import Family, Hiding, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.dose_response.fit import fit_dose_response_analysis
    from ketaoutcomes.families.dose_response.hide import (
        curve_of_rows,
        participants_behind_curves,
    )
    from ketaoutcomes.families.dose_response.names import flat_over_all_doses, names
    from ketaoutcomes.families.dose_response.page import dose_calls, dose_in_words, dose_section
    from ketaoutcomes.families.dose_response.second import check_dose_response

DOSE_REFERENCES = (
    "Bretz F, Pinheiro JC, Branson M. Combining multiple comparisons and modeling techniques in "
    "dose-response studies. Biometrics 2005;61:738-748.",
    "Pinheiro J, Bornkamp B, Glimm E, Bretz F. Model-based dose finding under model uncertainty "
    "using general parametric models. Stat Med 2014;33:1646-1661.",
    "Dunnett CW. A multiple comparison procedure for comparing several treatments with a control. "
    "J Am Stat Assoc 1955;50:1096-1121.",
)

FAMILY = Family(
    name="dose_response",
    place=60,
    models=(
        Model(
            part=DoseResponseAnalysis,
            known_as=dict.fromkeys(
                ("mcp_mod", "mcpmod", "emax"),
                "write `dose_response`",
            ),
            label="Dose-response analysis",
            table="drst01",
            takes=(ChangeData,),
            fit=fit_dose_response_analysis,
            second=check_dose_response,
            in_words=dose_in_words,
            calls=dose_calls,
            references=DOSE_REFERENCES,
            names=names,
            made_alike=flat_over_all_doses,
        ),
    ),
    tables={"drst01": "dose response"},
    estimate_tables=("drst01",),
    relations=participants_behind_curves,
    records={DoseResponseRecord: Hiding(follows=curve_of_rows)},
    sections=((390, dose_section),),
)
"""How the change depends on the dose."""
