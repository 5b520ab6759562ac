"""What a first look takes as evident and is not so in a trial that is known."""

import random
from collections.abc import Iterator
from typing import Any, Final

from ketaoutcomes.data.inspection.inspect import Inspection
from ketaoutcomes.data.inspection.propose import Proposal
from unseen.once import ONCE
from unseen.several_visits import SEVERAL_VISITS
from unseen.trial import PLAIN, Trial

GAP: Final = "fill this"
Block = dict[str, Any]
OF_PAIRS: Final = frozenset(("crossover", "paired", "paired_proportions"))


def drawn(seed: int) -> Trial:
    """The trial of a seed; every third one of a plain design."""
    rng = random.Random(seed)
    return rng.choice(PLAIN if seed % 3 == 0 else (*SEVERAL_VISITS, *ONCE))(rng)


def wrong_in_silence(seen: Inspection, trial: Trial) -> list[str]:
    """What a first look takes as evident and is not so; what is open or said is left out."""
    chosen = seen.chosen
    if chosen is None:
        return []
    look = Look(chosen, trial)
    parts = (
        look.answers,
        look.columns,
        look.subject,
        look.event,
        look.visits,
        look.model,
        look.said,
    )
    return [sentence for part in parts for sentence in part()]


def questions_of(seen: Inspection) -> int | None:
    """How many questions are open; None without a plan."""
    return None if seen.chosen is None else sum(q.is_open for q in seen.chosen.questions)


class Look:
    """A proposal next to what is true."""

    def __init__(self, chosen: Proposal, trial: Trial) -> None:
        """Take the parts of the plan that are not gaps."""
        self.trial = trial
        self.questions = chosen.questions
        self.remarks = " ".join((*chosen.remarks, *(reading.told for reading in chosen.readings)))
        self.open = {q.key for q in chosen.questions if q.is_open}
        data = chosen.plan["data"]
        self.data: Block = data if isinstance(data, dict) else {}
        columns = self.data.get("columns", {})
        self.fields: Block = columns if isinstance(columns, dict) else {}
        self.plan = chosen.plan
        scores = self.fields.get("scores")
        wide = next(iter(scores.values()), None) if isinstance(scores, dict) else None
        self.wide: dict[str, str] = wide if isinstance(wide, dict) else {}

    def answers(self) -> Iterator[str]:
        """Questions that were answered by what seems evident."""
        for question in self.questions:
            if question.is_open or not question.because or question.key in ("ended", "file"):
                continue
            may = self.trial.answers.get(question.key)
            found = f"{question.key}: {question.taken} ({question.because})"
            if may is None:
                yield found
            elif not (question.key == "outcome" and "__wide" in may) and question.taken not in may:
                yield f"{found}, not {sorted(may)}"

    def columns(self) -> Iterator[str]:
        """Columns of the data block, but for that of participants."""
        known = self.trial.roles
        for name, value in self.fields.items():
            if name in (
                "subject",
                "day",
                "baselines",
                "reason",
                "parameter",
                "scores",
                "covariates",
            ):
                continue
            told = {value} if isinstance(value, str) and GAP not in value else set()
            if not told <= known.get(name, set()):
                yield f"{name} is {value}, not {sorted(known.get(name, ()))}"
        covariates = self.fields.get("covariates", {})
        yield from (
            f"covariate {c}"
            for c in covariates.values()
            if c not in self.trial.before and c != next(iter(known["subject"]))
        )
        scores = self.fields.get("scores", {})
        first = next(iter(scores.values()), None) if isinstance(scores, dict) else None
        if isinstance(first, str) and GAP not in first and first not in known.get("value", ()):
            yield f"the score is {first}"

    def subject(self) -> Iterator[str]:
        """Whose the rows are."""
        value = self.fields.get("subject")
        found = (
            set(value) if isinstance(value, list) else {value} if isinstance(value, str) else set()
        )
        wanted = self.trial.joined or self.trial.roles["subject"]
        is_open = any(GAP in one for one in found) or "whose" in self.open
        if (
            found
            and not is_open
            and (found != wanted if self.trial.joined else not found <= wanted)
        ):
            yield f"participants are {sorted(found)}, not {sorted(wanted)}"
        if self.data.get("rows_are_subjects") and "each row is taken" not in self.remarks:
            yield "each row is a participant"

    def event(self) -> Iterator[str]:
        """What the plan reads as the event, or as a 1."""
        if "event" in self.open or "outcome" in self.open:
            return
        labels = self.data.get("labels", {})
        for field, wanted in (
            ("occurred", self.trial.roles.get("__event")),
            ("value", self.trial.answers.get("event")),
        ):
            told = labels.get(field)
            if isinstance(told, dict) and wanted and len(told) == len("ab"):
                found = {str(word) for word, yes in told.items() if yes}
                if found != wanted:
                    yield f"the event is {sorted(found)}, not {sorted(wanted)}"

    def visits(self) -> Iterator[str]:
        """The days of visits, their order, and which is the baseline."""
        phase = next(iter(self.plan.get("phases", {}).values()), {})
        visits = phase.get("visits", {})
        if not isinstance(visits, dict) or not self.trial.days or self.open & {"baseline", "rows"}:
            return
        labels = self.data.get("labels", {}).get("visit", {})
        told = self.wide or {name: label for label, name in labels.items()}
        days = {
            source: at.get("day", 1 + at.get("hours", 0) / 24) - 1
            for visit, at in visits.items()
            if (source := told.get(visit, visit)) in self.trial.days
        }
        if self.wide and "outcome" not in self.open:
            yield from (f"{c} is a visit" for c in self.wide.values() if c not in self.trial.days)
        yield from self._days(days)
        base = told.get("Baseline", "Baseline")
        if base in self.trial.days and base != self.trial.baseline:
            yield f"baseline is {base}, not {self.trial.baseline or 'any'}"
        yield from self._last(told)

    def _days(self, days: dict[str, float]) -> Iterator[str]:
        """The order of visits and, where the file tells a unit, their days."""
        true = {source: self.trial.days[source] for source in days}
        said = "no unit" in self.remarks or "say no day" in self.remarks
        if sorted(days, key=lambda s: (days[s], s)) != sorted(true, key=lambda s: (true[s], s)):
            yield f"order of visits {days}, not {true}"
        elif self.trial.dated and not said and any(abs(days[s] - true[s]) > 1 for s in days):
            yield f"days {days}, not {true}"

    def _last(self, told: dict[str, str]) -> Iterator[str]:
        """The visit of the result."""
        estimands = self.plan.get("estimands", {})
        primary = estimands.get("primary", {}) if isinstance(estimands, dict) else {}
        last = primary.get("visit", "")
        if not self.trial.last or not isinstance(last, str) or not last or GAP in last:
            return
        if told.get(last, last) not in self.trial.last and "last visit" not in self.remarks:
            yield f"the result is at {last}, not {sorted(self.trial.last)}"

    def model(self) -> Iterator[str]:
        """The design and the unit of times."""
        analyses = self.plan.get("analyses")
        if not isinstance(analyses, dict):
            return
        models = {analysis["model"] for analysis in analyses.values()}
        decided = not self.open & {"whose", "order", "conditions", "group", "rows"}
        if bool(models & OF_PAIRS) != self.trial.within and decided:
            yield f"model {sorted(models)}"
        unit = self.data.get("time_unit", "days")
        timed = "time_to_event" in models and "unit" not in self.open
        if timed and "no unit" not in self.remarks and unit != self.trial.unit:
            yield f"time in {unit}, not {self.trial.unit or 'a unit that is told'}"

    def said(self) -> Iterator[str]:
        """What must be said, or asked about, and codes that are no values."""
        told = self.data.get("missing", ())
        parts = told.values() if isinstance(told, dict) else [told]
        lists = (v for part in parts for v in (part.values() if isinstance(part, dict) else [part]))
        listed = {str(word) for words in lists for word in words}
        if not self.trial.missing <= listed and not self.open & {"outcome", "whose", "rows"}:
            yield f"codes {sorted(self.trial.missing - listed)} are values"
        everything = " ".join((self.remarks, *(q.told for q in self.questions)))
        for words in self.trial.told:
            if words == "items" and "HAMD17" not in str(self.plan):
                continue
            if words.casefold() not in everything.casefold() and not self.open & {
                "whose",
                "rows",
                "outcome",
            }:
                yield f"nothing says {words}"
        if self.trial.spelled and "spelled" not in everything and "group" not in self.open:
            yield "spellings of an arm are arms"
