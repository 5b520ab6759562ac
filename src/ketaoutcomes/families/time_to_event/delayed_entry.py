"""Words and calls of analyses of which participants come under observation after time 0."""

from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.report.material import Material

AT_RISK = (
    "The number at risk counts participants under observation; it rises while participants enter."
)


def has_delayed_entry(material: Material, name: str) -> bool:
    """Whether the times of an analysis say when observation began."""
    endpoint = material.plan.endpoints[material.estimand(name).endpoint]
    return endpoint.kind == "time_to_event" and material.plan.data.file_columns.entry is not None


def of_data_in_words(material: Material, name: str) -> str:
    """What the data add to the method: delayed entry, where there is any."""
    analysis = material.plan.analyses[name]
    assert isinstance(analysis, TimeToEventAnalysis)
    return delayed_entry_in_words(analysis) if has_delayed_entry(material, name) else ""


def delayed_entry_in_words(analysis: TimeToEventAnalysis) -> str:
    """What delayed entry means for each part of the analysis."""
    return (
        " Entry was delayed (left truncation): a participant was at risk from entry on, and not "
        "before. Curves and tests rest on those at risk at each event. RMSTs up to day "
        f"{analysis.rmst_days:g} begin at the first day from which every arm had "
        "participants at risk throughout, and are of those without the event by that day. "
        "Adjusted RMSTs, Gray's test and the Fine-Gray model have no form for delayed "
        "entry here and are not shown."
    )


def sas_delayed(calls: str) -> str:
    """PROC PHREG takes (entry, time); PROC LIFETEST and `eventcode` do not."""
    steps = [step.strip("\n") for step in calls.split("run;")]
    kept = [
        f"{step}\nrun;".replace("model AVAL*CNSR(1)", "model (ENTRY, AVAL)*CNSR(1)")
        for step in steps
        if step.strip() and "proc lifetest" not in step and "eventcode" not in step
    ]
    curves = (
        "* proc lifetest has no delayed entry: product-limit curves from proc phreg;\n"
        "proc phreg data=d;\n  model (ENTRY, AVAL)*CNSR(1) = ;\n  strata TRTP;\n"
        "  baseline out=curves survival=s / method=pl;\nrun;"
    )
    first, *others = kept
    return "\n".join([first, curves, *others])
