"""Words and calls of analyses of which participants come under observation after time 0."""

from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.report.material import Material

RIGHT_CENSORED, DELAYED = "Surv(time, event)", "Surv(entry, time, event)"
NO_SUCH_FORM = ("nph::", "nphRCT::", "survMisc::", "cmprsk::", "g <- finegray", "coxph(Surv(fg")
"""Calls of packages that take everybody as observed from time 0."""

AT_RISK = "Numbers at risk count who is under observation: they rise while participants enter."


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
        "before. Curves and tests rest on those at risk at each event. Restricted means up to day "
        f"{analysis.restricted_mean_days:g} begin at the first day from which every arm had "
        "participants at risk throughout, and are of those without the event by that day. "
        "Adjusted restricted means, Gray's test and the Fine-Gray model have no form for delayed "
        "entry here and are not shown."
    )


def calls_with_delayed_entry(
    r: str, sas: str, analysis: TimeToEventAnalysis, *, compares: bool
) -> tuple[str, str]:
    """The calls of the analysis with the time of entry; what has no form for it is left out."""
    arms = "arm" if compares else "1"
    strata = f" + strata({', '.join(analysis.strata)})" if analysis.strata else ""
    lines = []
    for line in r.splitlines():
        if line.startswith("survdiff"):
            lines += [
                "# survdiff has no delayed entry; Cox's score test is the log-rank test up to ties",
                f"summary(coxph({DELAYED} ~ arm{strata}, data = d))$sctest",
            ]
        elif line.startswith(("survRM2", "print(fit, rmean")):
            lines += [
                "# first: the day from which each arm has subjects at risk throughout; R counts",
                "# the days before it in the mean",
                f"print(survfit({DELAYED} ~ {arms}, data = d, start.time = first), "
                f"rmean = {analysis.restricted_mean_days:g})",
            ]
        elif not line.startswith((*NO_SUCH_FORM, "# survRM2", "t.test(")):
            lines.append(line.replace(RIGHT_CENSORED, DELAYED))
    if analysis.competing:
        lines.append(
            f"survfit(Surv(entry, time, factor(cause)) ~ {arms}, data = d, id = subject)\n"
            f"coxph(Surv(entry, time, cause == 1) ~ {arms}, data = d)"
        )
    return "\n".join(lines), _sas(sas)


def _sas(calls: str) -> str:
    """PROC PHREG takes (entry, time); PROC LIFETEST and `eventcode` do not."""
    steps = [step.strip("\n") for step in calls.split("run;")]
    kept = [
        f"{step}\nrun;".replace("model time*event(0)", "model (entry, time)*event(0)")
        for step in steps
        if step and "proc lifetest" not in step and "eventcode" not in step
    ]
    curves = (
        "* proc lifetest has no delayed entry: product-limit curves from proc phreg;\n"
        "proc phreg data=d;\n  model (entry, time)*event(0) = ;\n  strata arm;\n"
        "  baseline out=curves survival=s / method=pl;\nrun;"
    )
    return "\n".join([curves, *kept])
