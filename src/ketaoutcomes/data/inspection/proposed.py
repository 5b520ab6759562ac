"""A proposed plan next to the columns that it was made from: arms of rows, scores at visits."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ketaoutcomes.data.inspection.amounts import by_arm, people_of
from ketaoutcomes.data.inspection.arms import Arms, Block
from ketaoutcomes.data.inspection.data_block import read_words
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Question
from ketaoutcomes.data.inspection.schedule import BASELINE


@dataclass(frozen=True)
class Proposed:
    """What was guessed of a file, the arms, and the plan that was made of both."""

    guess: Guess
    arms: Arms
    plan: Block

    @property
    def data(self) -> Block:
        """The data block, empty as long as it is a gap."""
        block = self.plan.get("data")
        return block if isinstance(block, dict) else {}

    @property
    def columns(self) -> Block:
        """Field -> column, as the plan has it."""
        found = self.data.get("columns")
        return found if isinstance(found, dict) else {}

    @property
    def visits(self) -> Block:
        """The visits of the first phase."""
        phase: Block = next(iter(self.plan.get("phases", {}).values()), {})
        found = phase.get("visits", {})
        return found if isinstance(found, dict) else {}

    @property
    def any_column(self) -> Column:
        """The first column of the file, by which rows are counted."""
        return next(iter(self.guess.columns.values()))

    @cached_property
    def people(self) -> int:
        """Participants, or rows where each is one."""
        subject = self.guess.column("subject")
        return len(self.any_column.text) if subject is None else len(subject.counts)

    @cached_property
    def rows(self) -> int:
        """Rows of the file that are looked at."""
        return len(self.any_column.text)

    def question(self, key: str) -> Question | None:
        """A question that was decided; None where it was not asked or is open."""
        questions = self.guess.asked.questions
        return next((q for q in questions if q.key == key and not q.is_open), None)

    @cached_property
    def arms_of_rows(self) -> dict[str, pd.Series]:
        """Label of an arm -> whether each row is of it; empty without arms to compare."""
        arm = self.guess.column("arm")
        if arm is None or self.arms.group:
            return {}
        text = arm.text
        if arm.subjects is not None and arm.constant:  # some exports tell it once a participant
            text = text.fillna(text.groupby(arm.subjects).transform("first"))
        shown = {name: label for label, name in self.arms.names.items()}
        labels = self.arms.labels
        return {
            shown[name]: text.isin([label for label, of in labels.items() if of == name])
            for name in dict.fromkeys(labels.values())
        }

    @cached_property
    def of_two(self) -> bool:
        """Whether the score is one of two values."""
        scales = self.plan.get("scales", {})
        return any(isinstance(s, dict) and s.get("high") == 1 for s in scales.values())

    @cached_property
    def scores(self) -> dict[str, pd.Series]:
        """Visit -> scores of rows, as the plan reads them; of one visit where it names none."""
        guess = self.guess
        if guess.wide:
            wide = {v: guess.columns[c].number for v, c in self.wide_columns.items()}
            return wide or {v: guess.columns[c].number for v, c in guess.wide[0].columns.items()}
        if not guess.scores:
            return {}
        column = guess.columns[guess.scores[0]]
        numbers = self._numbers(column)
        visit = guess.column("visit")
        if visit is None or guess.kind not in ("long", "open"):
            return {"End": numbers}
        if guess.daily is not None and "diary" in self.data:
            return {"all days": numbers}
        return self._at_baseline() | self._at_visits(visit, numbers)

    @property
    def baseline_column(self) -> str:
        """The column of baselines of the first score, "" without one."""
        several = iter(self.columns.get("baselines", {}).values())
        named = self.columns.get("baseline") or next(several, "")
        return str(named or self.guess.roles.get("baseline", ""))

    @property
    def wide_columns(self) -> dict[str, str]:
        """Visit -> the column that holds it, of a wide file."""
        scores = self.columns.get("scores", {})
        told: Any = next(iter(scores.values()), {}) if isinstance(scores, dict) else {}
        return told if isinstance(told, dict) else {}

    def _numbers(self, column: Column) -> pd.Series:
        """Scores as numbers, words by what the plan makes of them."""
        told = self.data.get("labels", {}).get("value")
        if isinstance(told, dict):
            return column.text.map({str(k): float(v) for k, v in told.items()}).astype(float)
        if column.numeric:
            return column.number
        words = read_words(self.guess)[0] if not self.guess.asked.questions else {}
        return column.text.map(words).astype(float) if isinstance(words, dict) else column.number

    def _at_visits(self, visit: Column, numbers: pd.Series) -> dict[str, pd.Series]:
        told = self.data.get("labels", {}).get("visit") or {}
        labels = {str(v): str(v) for v in visit.counts.index} | told
        found: dict[str, pd.Series] = {}
        for name in self.visits or dict.fromkeys((told or labels).values()):
            here = visit.text.isin([label for label, of in labels.items() if of == name])
            if here.any():
                found[str(name)] = numbers[here]
        return found

    def _at_baseline(self) -> dict[str, pd.Series]:
        """Scores of a column of baselines, once a participant."""
        told = self.baseline_column
        if told not in self.guess.columns:
            return {}
        column, subject = self.guess.columns[told], self.guess.column("subject")
        once = column.number if subject is None else column.number[~subject.text.duplicated()]
        return {BASELINE: once}

    def at(self, visit: str) -> str:
        """Means by arm at a visit, or how many of each arm say yes there."""
        return by_arm(self.scores[visit], self.arms_of_rows, shares=self.of_two)

    def course(self) -> str:
        """Scores at the first and the last visit by arm."""
        visits = list(self.scores)
        if not visits:
            return f"{people_of(self.any_column)} values"
        ends = dict.fromkeys((visits[0], visits[-1]))
        what = "yes" if self.of_two else "mean"
        return "; ".join(f"{what} at `{visit}`: {self.at(visit)}" for visit in ends)
