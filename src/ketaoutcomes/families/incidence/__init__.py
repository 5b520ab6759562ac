"""Whether an event happened at any time of a phase, with exact intervals."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.incidence.plan import IncidenceAnalysis
from ketaoutcomes.families.registry import Family, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.incidence.calls import incidence_calls
    from ketaoutcomes.families.incidence.fit import fit_incidence_analysis
    from ketaoutcomes.families.incidence.page import incidence_in_words, incidence_section
    from ketaoutcomes.families.incidence.second import check_incidence

CLOPPER_PEARSON = (
    "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of "
    "the binomial. Biometrika 1934;26:404-413."
)
HANLEY = (
    "Hanley JA, Lippman-Hand A. If nothing goes wrong, is everything all right? JAMA "
    "1983;249:1743-1745."
)
INCIDENCE_REFERENCES = (
    CLOPPER_PEARSON,
    "Miettinen O, Nurminen M. Comparative analysis of two rates. Stat Med 1985;4:213-226.",
    HANLEY,
)

FAMILY = Family(
    name="incidence",
    place=50,
    models=(
        Model(
            part=IncidenceAnalysis,
            known_as=dict.fromkeys(
                ("fisher", "fisher_exact", "exact"),
                "write `incidence`",
            ),
            label="Exact analysis of incidence",
            table="inct01",
            takes=(BinaryData,),
            fit=fit_incidence_analysis,
            second=check_incidence,
            in_words=incidence_in_words,
            calls=incidence_calls,
            without=("risk ratio", "odds ratio"),
            references=INCIDENCE_REFERENCES,
            references_of_one_arm=(CLOPPER_PEARSON, HANLEY),
        ),
    ),
    tables={"inct01": "incidence with exact intervals"},
    sections=((370, incidence_section),),
)
"""Whether an event happened at any time of a phase, with exact intervals."""
