"""Change in every period of a crossover trial."""

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.endpoints.data import CrossoverData
from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.registry import Family, Model

with imported_when_called(__name__):
    from ketaoutcomes.families.crossover.calls import crossover_calls
    from ketaoutcomes.families.crossover.derive import derive_crossover, periods_of
    from ketaoutcomes.families.crossover.fit import fit_crossover_analysis
    from ketaoutcomes.families.crossover.names import asked, names
    from ketaoutcomes.families.crossover.page import crossover_in_words, crossover_section
    from ketaoutcomes.families.crossover.second import check_crossover

CROSSOVER_REFERENCES = (
    "Jones B, Kenward MG. Design and Analysis of Cross-Over Trials. 3rd ed. Chapman and Hall/CRC; "
    "2014.",
    "Senn S. Cross-over Trials in Clinical Research. 2nd ed. Wiley; 2002.",
)

FAMILY = Family(
    name="crossover",
    place=20,
    models=(
        Model(
            part=CrossoverAnalysis,
            label="Crossover analysis",
            table="crot01",
            takes=(CrossoverData,),
            fit=fit_crossover_analysis,
            second=check_crossover,
            in_words=crossover_in_words,
            calls=crossover_calls,
            references=CROSSOVER_REFERENCES,
            derive=derive_crossover,
            phases=periods_of,
            names=names,
            asked=asked,
        ),
    ),
    tables={"crot01": "crossover: treatments, periods, carry-over and the first period"},
    sections=((110, crossover_section),),
)
"""Change in every period of a crossover trial."""
