"""What the plan makes of a file before its columns are looked up.

Derived columns, in the plan's order; the subject, where it is several columns or the row itself;
and, of rows that belong together, the one to use.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.fields import JOINED, ROW
from ketaoutcomes.data.findings import listed, near_miss, rows_in_words
from ketaoutcomes.data.formulas import UnfitValuesError, evaluated
from ketaoutcomes.data.mapping import NUMBER, kept_rows, numbers, plain
from ketaoutcomes.data.readers.raw import RawTable, with_others
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.derived import Derivation, Recoded, TakenRows
from ketaoutcomes.plan.expression import parsed
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.remarks import COUNT, Remark

Raws = dict[FileRole, RawTable]
ISO_DATE: Final = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?"


@dataclass
class Made:
    """Tables with what the plan adds to them, what the report says of it, and what went wrong."""

    raws: Raws
    remarks: list[Remark] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def derived(raws: Raws, data: DataBlock) -> Made:
    """The tables with the columns that the plan derives, and with a column of subjects."""
    made = Made(dict(raws))
    for role, columns in data.derive.items():
        if role in raws:
            made.raws[role] = _with_columns(made, raws[role], columns, f"data.derive.{role}")
    _with_subjects(made, data)
    return made


def derived_alone(
    raw: RawTable, columns: dict[str, Derivation]
) -> tuple[RawTable, tuple[Problem, ...]]:
    """The only table of a plan with its derived columns, and what went wrong."""
    made = Made({})
    return _with_columns(made, raw, columns, "data.derive"), tuple(made.problems)


def taken(raws: Raws, data: DataBlock) -> Made:
    """The tables with one of several rows that belong together, among those that `where` leaves."""
    made = Made(dict(raws))
    for role, rule in data.take.items():
        if role in raws:
            kept = raws[role].frame[kept_rows(raws[role], data, role)]
            _take(made, role, rule, kept)
    return made


def _with_columns(
    made: Made, raw: RawTable, columns: dict[str, Derivation], block: str
) -> RawTable:
    for name, how in columns.items():
        raw = _derive(made, raw, name, how, f"the plan, {block}.{name}")
    return raw


def _derive(made: Made, raw: RawTable, name: str, how: Derivation, place: str) -> RawTable:
    """The table with a column; as it was where the column cannot be made."""
    try:
        if isinstance(how, Recoded):
            column = _recoded(raw, how, place, made)
            said = f"column `{how.column}`, recoded"
        else:
            column, said = evaluated(parsed(how), raw), how
    except LookupError as error:
        lacking = str(error.args[0])
        near = near_miss(lacking, map(str, raw.frame.columns))
        made.problems.append(
            Problem(
                place,
                f"columns of {raw.name}: {listed(raw.frame.columns)}",
                f"`{lacking}`",
                f"{near}Correct the name; one with spaces or signs stands in backquotes",
            )
        )
        return raw
    except UnfitValuesError as error:
        made.problems.append(_unfit(raw, error, place))
        return raw
    worded = (raw.worded - {name}) | ({name} if _has_words(column) else set())
    frame = raw.frame.assign(**{name: column})
    absent = {c: n for c, n in raw.absent.items() if c != name}
    lacking_in = int(column.isna().sum())
    made.remarks.append(
        Remark(
            f"`{name}` is derived: {said}" + (f"; it is missing in {COUNT}" if lacking_in else ""),
            where=f"{raw.name}, `data.derive`",
            count=lacking_in or None,
            total=len(column) if lacking_in else None,
            unit="row",
        )
    )
    return replace(raw, frame=frame, worded=frozenset(worded), absent=absent)


def _has_words(column: pd.Series) -> bool:
    return any(NUMBER.fullmatch(text) is None for text in column.dropna().unique())


def _unfit(raw: RawTable, error: UnfitValuesError, place: str) -> Problem:
    rows = rows_in_words(raw.frame.index[error.rows])
    column = "" if error.column is None else f", column `{error.column}`"
    return Problem(
        f"{raw.name}{column}, {rows}",
        f"{error.expected} in {place.removeprefix('the plan, ')}",
        listed(error.found),
        "correct the values, list them under `data.missing`, or change the formula in the plan",
    )


def _recoded(raw: RawTable, how: Recoded, place: str, made: Made) -> pd.Series:
    """A column with other words; a number is found however the file writes it, as 1 or 1.0."""
    found = raw.find(how.column)
    if found is None:
        raise LookupError(how.column)
    texts = raw.frame[found]
    words = [str(word) for word in texts.dropna().unique()]
    told = {plain(old): new for old, new in how.recode.items()}
    new = {word: told[plain(word)] or None for word in words if plain(word) in told}
    rest = [word for word in words if word not in new]
    if rest and how.others == "error":
        rows = raw.frame.index[texts.isin(rest)]
        made.problems.append(
            Problem(
                f"{raw.name}, column `{found}`, {rows_in_words(rows)}",
                f"one of {listed(how.recode)}, as {place.removeprefix('the plan, ')} has them",
                listed(rest),
                "name these values under `recode`, or set `others: keep`",
            )
        )
    if how.others == "missing":
        new |= dict.fromkeys(rest)
    here = set(map(plain, words))
    made.remarks += [
        Remark(f"No row has `{old}`, which `{place.removeprefix('the plan, ')}` recodes")
        for old in how.recode
        if plain(old) not in here
    ]
    return with_others(texts, new)


def _with_subjects(made: Made, data: DataBlock) -> None:
    """The column of subjects, where the plan makes one of rows or of several columns."""
    if data.rows_are_subjects:
        for role, raw in made.raws.items():
            count = len(raw.frame)
            numbered = [str(at) for at in range(1, count + 1)]
            made.raws[role] = replace(raw, frame=raw.frame.assign(**{ROW: numbered}))
        for name, count in {raw.name: len(raw.frame) for raw in made.raws.values()}.items():
            made.remarks.append(
                Remark(
                    f"No column says whose a row is; {COUNT} are taken for as many participants, "
                    "and numbered",
                    where=name,
                    count=count,
                    unit="row",
                )
            )
        return
    names = data.file_columns.subject or ()
    held = {role: tuple(filter(None, map(raw.find, names))) for role, raw in made.raws.items()}
    several = {role: columns for role, columns in held.items() if len(columns) > 1}
    if several:
        _join(made, names, held, several)


def _join(
    made: Made,
    names: tuple[str, ...],
    held: dict[FileRole, tuple[str, ...]],
    several: dict[FileRole, tuple[str, ...]],
) -> None:
    """Subjects of several columns together; every file needs the same ones."""
    most = max(several.values(), key=len)
    for role, columns in held.items():
        if len(columns) == len(most):
            continue
        raw = made.raws[role]
        lacking = [name for name in names if raw.find(name) is None]
        other = next(made.raws[r].name for r, c in several.items() if len(c) == len(most))
        made.problems.append(
            Problem(
                f"{raw.name}, the header",
                f"the columns {listed(most)}, which together say whose a row is in {other}",
                f"no column {listed(lacking)}",
                "add the column to the file; or, if one of them is enough, name it alone under "
                "`data.columns.subject`",
            )
        )
    for role, columns in several.items():
        raw = made.raws[role]
        parts = raw.frame[list(columns)]
        joined = [_one_text(row) for row in parts.itertuples(index=False)]
        frame = raw.frame.assign(**{JOINED: pd.Series(joined, parts.index, dtype=object)})
        made.raws[role] = replace(raw, frame=frame, worded=raw.worded | {JOINED})
        made.remarks.append(
            Remark(
                f"{listed(columns)} together say whose a row is, of {COUNT}",
                where=raw.name,
                count=int(frame[JOINED].nunique()),
            )
        )


def _one_text(parts: tuple[str | None, ...]) -> str | None:
    """Several codes as one; a slash within a code gets a backslash, so that no two are mixed."""
    if any(part is None for part in parts):
        return None
    return "/".join(str(part).replace("\\", "\\\\").replace("/", "\\/") for part in parts)


def _take(made: Made, role: FileRole, rule: TakenRows, kept: pd.DataFrame) -> None:
    raw = made.raws[role]
    columns = {name: _column_of(raw, name, role, made) for name in (*rule.per, rule.by) if name}
    if None in columns.values():
        return
    key = [kept[str(columns[name])] for name in rule.per]
    if rule.by is None:
        order = pd.Series(np.arange(len(kept), dtype=float), kept.index)
    else:
        by = str(columns[rule.by])
        order = _order(kept[by])
        if faults := list(_faults_of_order(raw, role, by, order, key, kept)):
            made.problems += faults
            return
    grouped = order.groupby(key, dropna=False)
    wanted = order == grouped.transform("min" if rule.row == "first" else "max")
    dropped = kept.index[~(wanted | order.isna())]
    made.raws[role] = replace(raw, frame=raw.frame.drop(index=dropped))
    if len(dropped):
        how = "as the file has them" if rule.by is None else f"by `{rule.by}`"
        made.remarks.append(
            Remark(
                f"Of several rows with the same {listed(rule.per)} the {rule.row} was taken, "
                f"{how}; {COUNT} are left out",
                where=f"`data.take.{role}`",
                count=len(dropped),
                total=len(kept),
                unit="row",
            )
        )


def _column_of(raw: RawTable, name: str, role: FileRole, made: Made) -> str | None:
    found = raw.find(name)
    if found is None:
        made.problems.append(
            Problem(
                f"the plan, data.take.{role}",
                f"a column of {raw.name}",
                f"`{name}`",
                f"{near_miss(name, map(str, raw.frame.columns))}Correct the name",
            )
        )
    return found


def _order(texts: pd.Series) -> pd.Series:
    """Numbers as they are, ISO dates as days; NaN where a value is neither."""
    told = texts.dropna()
    if len(told) and told.str.fullmatch(ISO_DATE).all():
        moments = pd.to_datetime(texts, errors="coerce", format="ISO8601")
        return (moments - pd.Timestamp(1970, 1, 1)) / pd.Timedelta(days=1)
    return numbers(texts)


def _faults_of_order(
    raw: RawTable,
    role: FileRole,
    by: str,
    order: pd.Series,
    key: list[pd.Series],
    kept: pd.DataFrame,
) -> Iterator[Problem]:
    """Rows that belong together, of which nothing says which comes first."""
    together = order.groupby(key, dropna=False).transform("size") > 1
    pairs = pd.concat([*key, order], axis=1)
    for rows, expected in (
        (together & order.isna(), "a number or a date as 2021-05-03"),
        (together & order.notna() & pairs.duplicated(keep=False), "rows that differ in it"),
    ):
        if rows.any():
            yield Problem(
                f"{raw.name}, column `{by}`, {rows_in_words(kept.index[rows])}",
                f"{expected}, as `data.take.{role}` puts them in order",
                listed(kept.loc[rows, by]),
                f"correct the values, leave rows out with `data.where.{role}`, or name another "
                "column under `by`",
            )
