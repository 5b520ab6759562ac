"""Three hundred damaged files: whatever a file holds, there is an answer and never a traceback."""

import gzip
import io
import random
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from test_slips_of_users import PLAN, trial

from formats import WRITERS
from fuzzing import ended_well
from ketaoutcomes.data.readers.read import read_table
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan.files import Writing

FILES = 300
BATCHES = 6
DAMAGED = 60
FORMATS = (
    *("csv", "csv.gz", "parquet", "xpt", "sav", "por", "dta", "xlsx", "zip", "json", "ndjson"),
    *("rds", "rda", "sqlite"),
)


def _written(kind: str, folder: Path) -> bytes:
    """The trial as a good file of a format."""
    frame, path = trial(), folder / f"good.{kind}"
    match kind:
        case "csv":
            return frame.to_csv(index=False).encode()
        case "csv.gz":
            return gzip.compress(frame.to_csv(index=False).encode(), mtime=0)
        case "parquet":
            frame.to_parquet(path)
        case "xpt":
            pyreadstat.write_xport(frame, path)
        case "sav":
            pyreadstat.write_sav(frame, path)
        case "sqlite":
            with sqlite3.connect(path) as database:
                frame.to_sql("scores", database, index=False)
            database.close()
        case _:
            WRITERS[kind](frame.to_csv(index=False), frame, path)
    return path.read_bytes()


def _ragged(good: bytes, chance: random.Random) -> bytes:
    lines = good.decode("latin-1").splitlines()
    for _ in range(5):
        at = chance.randrange(len(lines))
        lines[at] = chance.choice(
            (lines[at] + ",x,y", lines[at].rsplit(",", 2)[0], "", ",", '"', "a" * 100_000, "\x00")
        )
    return chance.choice(("\n", "\r", "\r\n", "\n\r")).join(lines).encode("latin-1")


def _headers(good: bytes, chance: random.Random) -> bytes:
    head, _, rest = good.decode("latin-1").partition("\n")
    names = head.split(",")
    names[chance.randrange(len(names))] = chance.choice(("", " ", "id", "\ufeffid", '"', "é", "\t"))
    return (",".join(names) + "\n" + rest).encode("utf-8")


def _values(good: bytes, chance: random.Random) -> bytes:
    lines = good.decode("latin-1").splitlines()
    for _ in range(chance.choice((1, 3, 30))):
        at = chance.randrange(1, len(lines))
        cells = lines[at].split(",")
        cells[chance.randrange(len(cells))] = chance.choice(
            (
                "",
                "NA",
                "nan",
                "inf",
                "1e400",
                "-1",
                "9" * 400,
                "x",
                "1.5",
                "Baseline",
                "KET",
                "0x1F",
            )
        )
        lines[at] = ",".join(cells)
    return "\n".join(lines).encode()


def _cut(good: bytes, chance: random.Random) -> bytes:
    return good[: chance.choice((0, 1, 7, 80, len(good) // 2, len(good) - 1, len(good) - 9))]


def _flipped(good: bytes, chance: random.Random) -> bytes:
    changed = bytearray(good)
    for _ in range(chance.choice((1, 4, 60))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _noise(_good: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((3, 200, 5000)))


ANY: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _flipped, _noise)
OF_TEXT = (*ANY, _ragged, _ragged, _headers, _headers, _values, _values, _values)


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.filterwarnings("ignore")  # of the readers of foreign formats
def test_no_file_ends_in_a_traceback(tmp_path: Path, batch: int) -> None:
    chance = random.Random(f"files {batch}")
    good = {kind: _written(kind, tmp_path) for kind in FORMATS}
    for _ in range(FILES // BATCHES):
        kind = chance.choice((*FORMATS, "csv", "csv", "csv"))
        damage = chance.choice(OF_TEXT if kind == "csv" else ANY)
        data = tmp_path / f"scores.{kind}"
        data.write_bytes(damage(good[kind], chance))
        source = "{file: scores.sqlite, table: scores}" if kind == "sqlite" else data.name
        plan = tmp_path / "plan.yaml"
        plan.write_text(PLAN.replace("scores.csv", source))
        command = chance.choice(("validate", "validate", "validate", "run", "inspect"))
        words = {
            "inspect": ["inspect", str(data)],
            "run": ["run", str(plan), "--out", str(tmp_path / "out"), "-q"],
        }
        ended_well(words.get(command, ["validate", str(plan)]), data)


def _inside_an_archive(good: bytes, chance: random.Random) -> bytes:
    """The archive with one of its parts damaged, and packed again."""
    with zipfile.ZipFile(io.BytesIO(good)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    name = chance.choice([name for name, content in parts.items() if content])
    parts[name] = chance.choice(ANY)(parts[name], chance)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for part, content in parts.items():
            packed.writestr(part, content)
    return stream.getvalue()


def _inside_a_compression(good: bytes, chance: random.Random) -> bytes:
    return chance.choice(ANY)(gzip.decompress(good), chance)


@pytest.mark.parametrize("kind", ["xlsx", "zip", "rds", "rda", "json", "ndjson", "por", "dta"])
@pytest.mark.filterwarnings("ignore")  # of the readers of foreign formats
def test_what_is_damaged_inside_is_refused_or_read(tmp_path: Path, kind: str) -> None:
    """Damage that the checksum of a compression would have shown."""
    chance = random.Random(kind)
    good = _written(kind, tmp_path)
    inner = {
        **dict.fromkeys(("xlsx", "zip"), _inside_an_archive),
        **dict.fromkeys(("rds", "rda"), _inside_a_compression),
    }
    for _ in range(DAMAGED):
        damaged = inner.get(kind, chance.choice(ANY))(good, chance)
        (tmp_path / f"scores.{kind}").write_bytes(damaged)
        try:
            read_table(tmp_path, f"scores.{kind}", Writing())
        except DataError as error:
            places = [problem.place for problem in error.problems]
        except BaseException as error:
            raise AssertionError(f"{error!r} from {damaged[:6000]!r}") from error
        else:
            continue
        assert all(place.startswith("scores.") for place in places)


@pytest.mark.parametrize(
    "content",
    [
        b"id,arm\rS1,KET\r",
        b"id,arm,visit,day,madrs,age,site\rS1,KET,Baseline,1,30,40,north\n",
        b"",
        b"\r",
        b"\n\n\n",
        b",,,\n,,,\n",
        b'"',
        b'id,"arm\nS1,KET\n',
        b"\xff\xfeid",
        b"\x00" * 100,
        b"id,id,arm\nS1,S1,KET\n",
        ("id," + "x" * 1_000_000 + "\n1,2\n").encode(),
    ],
)
@pytest.mark.parametrize("command", ["validate", "inspect"])
def test_known_traps(tmp_path: Path, content: bytes, command: str) -> None:
    (tmp_path / "scores.csv").write_bytes(content)
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN)
    given = plan if command == "validate" else tmp_path / "scores.csv"
    ended_well([command, str(given)], tmp_path / "scores.csv")


def test_what_stands_in_a_csv_may_be_any_table(tmp_path: Path) -> None:
    """A file of the right name and of another kind."""
    trial().to_parquet(tmp_path / "scores.csv")
    (tmp_path / "plan.yaml").write_text(PLAN)
    assert ended_well(["validate", str(tmp_path / "plan.yaml")], tmp_path / "scores.csv") == 3
    table = pd.read_parquet(io.BytesIO((tmp_path / "scores.csv").read_bytes()))
    assert len(table) == len(trial())
