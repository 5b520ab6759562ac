"""A report's folder is the new one or the former one, never a part."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cli.ending import Ended, ended_in_order
from ketaoutcomes.runs import disk

OLD = {"old.txt": b"1", "both.txt": b"1"}
NEW = {"new.txt": b"2", "both.txt": b"2", "sub/inner.txt": b"2"}
MOST_STEPS = 60


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_files_are_written_whole(tmp_path: Path) -> None:
    disk.write_folder(tmp_path / "a" / "b", NEW)
    assert files_of(tmp_path / "a" / "b") == NEW


def test_a_former_folder_is_replaced(tmp_path: Path) -> None:
    disk.write_folder(tmp_path / "b", OLD)
    disk.write_folder(tmp_path / "b", NEW)
    assert files_of(tmp_path / "b") == NEW
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


class Faulty:
    """Counts what is asked of the system and refuses the call of one number."""

    def __init__(self, refuse: int) -> None:
        self.refuse = refuse
        self.calls = 0

    def wrap(self, function: Callable[..., object]) -> Callable[..., object]:
        def call(*words: object, **named: object) -> object:
            self.calls += 1
            if self.calls == self.refuse:
                raise OSError(28, "No space left on device")
            return function(*words, **named)

        return call


@pytest.fixture(params=["exchange", "two renames"])
def without_exchange(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the system cannot let two folders change places."""
    if request.param == "two renames":
        monkeypatch.setattr(disk, "exchange", lambda *_: False)


@pytest.mark.usefixtures("without_exchange")
@pytest.mark.parametrize("exists", [True, False])
def test_a_fault_at_any_call_leaves_the_former_folder_or_the_new_one(
    tmp_path: Path, exists: bool
) -> None:
    outcomes = []
    for refuse in range(1, MOST_STEPS):
        folder = tmp_path / str(refuse) / "b"
        folder.parent.mkdir()
        if exists:
            disk.write_folder(folder, OLD)
        former = files_of(folder)
        faulty, failed = Faulty(refuse), False
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(disk, "exchange", faulty.wrap(disk.exchange))
            for module, name in ((os, "fsync"), (os, "rename"), (os, "mkdir")):
                patch.setattr(module, name, faulty.wrap(getattr(module, name)))
            patch.setattr(Path, "open", faulty.wrap(Path.open))
            patch.setattr(Path, "chmod", faulty.wrap(Path.chmod))
            try:
                disk.write_folder(folder, NEW)
            except OSError:
                failed = True
        found = files_of(folder)
        assert found == NEW if not failed else found in (former, NEW)
        assert [p.name for p in folder.parent.iterdir()] == ["b"] * folder.exists()
        outcomes += [found == former] * failed
        if faulty.calls < refuse:
            break
    # The one fault after the exchange is that of flushing the parent: the new folder stands then.
    assert len(outcomes) > 3 * len(NEW)
    assert outcomes.count(False) == 1


def test_a_kill_at_any_moment_leaves_one_folder_whole(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    versions = [{f"{n}.txt": str(v).encode() * 1000 for n in range(4)} for v in (1, 2)]
    disk.write_folder(folder, versions[0])
    chance = random.Random(20261124)
    for _ in range(25):
        child = os.fork()
        if child == 0:  # pragma: no cover - the child is killed
            while True:
                for version in versions:
                    disk.write_folder(folder, version)
        time.sleep(chance.uniform(0.001, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert files_of(folder) in versions
    disk.write_folder(folder, versions[0])
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_a_request_to_end_leaves_one_folder_whole_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    versions = [{f"{n}.txt": str(v).encode() * 1000 for n in range(4)} for v in (1, 2)]
    disk.write_folder(folder, versions[0])
    chance = random.Random(20261125)
    for _ in range(25):
        listens, tells = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover - the child is ended
            try:
                with ended_in_order():
                    os.write(tells, b"!")
                    while True:
                        for version in versions:
                            disk.write_folder(folder, version)
            except Ended as ended:
                os._exit(ended.signal)
        os.close(tells)
        os.read(listens, 1)
        os.close(listens)
        time.sleep(chance.uniform(0.001, 0.03))
        os.kill(child, signal.SIGTERM)
        os.kill(child, signal.SIGTERM)  # again, while it clears away
        assert abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) == signal.SIGTERM
        assert [p.name for p in tmp_path.iterdir()] == ["b"]
        assert files_of(folder) in versions


def test_a_kill_between_two_renames_is_mended_by_the_next_run(tmp_path: Path) -> None:
    left = Path(tempfile.mkdtemp(prefix=".b-", suffix=disk.FORMER, dir=tmp_path))
    (left / "old.txt").write_bytes(b"1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "_write_flushed", Faulty(1).wrap(disk._write_flushed))
        with pytest.raises(OSError, match="No space left"):
            disk.write_folder(tmp_path / "b", NEW)
    assert files_of(tmp_path) == {"b/old.txt": b"1"}


def test_what_another_folder_left_is_not_taken_for_ours(tmp_path: Path) -> None:
    other = Path(tempfile.mkdtemp(prefix=".b-2-", suffix=disk.FORMER, dir=tmp_path))
    disk.write_folder(tmp_path / "b", NEW)
    assert other.is_dir()
    assert files_of(tmp_path / "b") == NEW


def test_a_run_beside_another_leaves_its_work_alone(tmp_path: Path) -> None:
    with disk._new_folder_beside(tmp_path / "b") as other:
        disk.write_folder(tmp_path / "b", NEW)
        assert other.is_dir()


@pytest.fixture
def hostile() -> pd.DataFrame:
    return pd.DataFrame(
        {"text": ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "plain", "a=1"], "number": [-1.5] * 8}
    )


def test_no_spreadsheet_runs_a_text_of_the_csv(hostile: pd.DataFrame) -> None:
    lines = disk.safe_csv_bytes(hostile).decode().splitlines()
    assert lines[1:4] == ["'=1+1,-1.5", "'+1,-1.5", "'-1,-1.5"]
    assert lines[-2:] == ["plain,-1.5", "a=1,-1.5"]
    assert pd.api.types.is_numeric_dtype(hostile["number"])


MANY = 2 * disk.MANY_ROWS + 7


@pytest.mark.parametrize("words", [("Day 8", "Day 28"), ('a"b', "c,d"), ("", "ü")], ids=str)
def test_many_rows_are_written_as_pandas_writes_them(words: tuple[str, str]) -> None:
    """The hash of a large cohort is that of the file that is published of it."""
    number = np.tile([0.0, -0.0, 1e-7, 1e22, 31.5, np.nan, np.inf], MANY // 7 + 1)[:MANY]
    frame = pd.DataFrame(
        {
            "subject": [f"S{row // 3}" for row in range(MANY)],
            "word": np.resize(np.array([*words, None], dtype=object), MANY),
            "number": number,
        }
    )
    yes = frame["number"].notna()
    for part in (frame, frame[["word"]], frame.assign(yes=yes), frame.assign(count=1, yes=yes)):
        whole = part.to_csv(index=False, lineterminator="\n").encode()
        assert disk.csv_bytes(part) == whole
        assert disk.csv_hash(part) == sha256(whole).hexdigest()
