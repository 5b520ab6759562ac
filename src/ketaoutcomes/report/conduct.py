"""How the study was planned and done, in words of its plan, for the Methods."""

from collections.abc import Iterator

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.conduct import Conduct, Document
from ketaoutcomes.plan.parts import PlanPart
from ketaoutcomes.report.blocks import Definitions
from ketaoutcomes.report.labels import titled

PLACE = "study-conduct"
"""The id of the block, for links."""

IN_WORDS = (
    ("design", "Design"),
    ("registration", "Registration"),
    ("protocol", "Protocol"),
    ("analysis_plan", "Statistical analysis plan"),
    ("data_sharing", "Data and code"),
    ("background", "Background"),
    ("setting", "Setting"),
    ("eligibility", "Eligibility"),
    ("dates", "Dates"),
    ("interventions", "Interventions"),
    ("concomitant", "Concomitant care"),
    ("adherence", "Delivery of the interventions"),
    ("washout", "Between periods"),
    ("harms", "Assessment of harms"),
    ("allocation", "Allocation"),
    ("blinding", "Blinding"),
    ("sample_size", "Sample size"),
    ("interim", "Interim analyses and stopping"),
    ("analysis_sets", "Analysis sets"),
    ("changes", "Changes after the start"),
    ("patient_involvement", "Patient and public involvement"),
    ("ethics", "Ethics"),
    ("funding", "Funding"),
    ("conflicts", "Conflicts of interest"),
    ("progression", "Progression to a definitive trial"),
    ("limitations", "Limitations"),
    ("interpretation", "Interpretation"),
)
"""Keys of the plan and what the page calls them, in the order of reading."""


def conduct_block(plan: AnalysisPlan) -> Definitions | None:
    """What the `study:` block says of the conduct of the study; nothing where it says nothing."""
    items = tuple(conduct_in_words(plan.study))
    return Definitions(items, "The study", PLACE) if items else None


def conduct_in_words(study: Conduct) -> Iterator[tuple[str, str]]:
    """Each thing that is said, with what it is called."""
    for key, label in IN_WORDS:
        words = _words(getattr(study, key))
        if words:
            yield label, words


def _words(said: object) -> str:
    """A value of the block as sentences."""
    if isinstance(said, Document):
        version = f"version {said.version}" if said.version else ""
        return _sentence(", ".join(filter(None, (version, said.date, said.where))))
    if isinstance(said, PlanPart):
        parts = ((name, _words(getattr(said, name))) for name in type(said).model_fields)
        return " ".join(f"{_called(name)}: {words}" for name, words in parts if words)
    if isinstance(said, dict):
        return " ".join(f"{titled(name)}: {_sentence(words)}" for name, words in said.items())
    if isinstance(said, tuple):
        return _sentence("; ".join(said))
    return _sentence(str(said)) if said else ""


def _called(name: str) -> str:
    return titled(name.replace("_", "-" if name == "follow_up" else " "))


def _sentence(words: str) -> str:
    """Words with a capital and a full stop."""
    return f"{titled(words).rstrip('.')}." if words else ""
