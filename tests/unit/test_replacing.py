"""Only what the program wrote is replaced; every other place is refused before anything else."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ketaoutcomes.errors import CommandError, ExitCode
from ketaoutcomes.runs.disk import hash_of
from ketaoutcomes.runs.replacing import (
    MOST_NAMES,
    refuse_file,
    refuse_to_lose,
    refuse_unwritable,
    replace_folder,
)

FILES = {"report.html": b"<html>", "results.csv": b"id\n", "inner/part.csv": b"a\n"}


def manifest(files: dict[str, bytes] = FILES, command: str = "python -m ketaoutcomes run x") -> str:
    hashes = {name: hash_of(content) for name, content in files.items()}
    return json.dumps({"command": command, "files": hashes})


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder as a run leaves it."""
    folder = tmp_path / "out"
    replace_folder(folder, FILES | {"manifest.json": manifest().encode()})
    return folder


def found_at(folder: Path) -> str:
    with pytest.raises(CommandError, match="nothing is written") as caught:
        refuse_to_lose(folder)
    assert caught.value.exit_code is ExitCode.PLAN
    (problem,) = caught.value.problems
    return problem.found


def test_a_folder_of_ours_is_replaced(ours: Path) -> None:
    new = {"report.html": b"2", "manifest.json": manifest({"report.html": b"2"}).encode()}
    replace_folder(ours, new)
    assert {p.name: p.read_bytes() for p in ours.iterdir()} == new


def test_a_file_that_is_gone_is_no_loss(ours: Path) -> None:
    (ours / "report.html").unlink()
    (ours / ".DS_Store").write_bytes(b"written by a file manager")
    refuse_to_lose(ours)


@pytest.mark.parametrize("name", ["thesis.tex", "inner/thesis.tex", ".hidden", "report.html~"])
def test_a_file_of_the_user_is_kept(ours: Path, name: str) -> None:
    (ours / name).write_text("years of work")
    with pytest.raises(CommandError):
        replace_folder(ours, FILES)
    assert (ours / name).read_text() == "years of work"
    assert found_at(ours) == f"`{name}`, which no run wrote"


def test_many_files_of_the_user_are_counted(ours: Path) -> None:
    for number in range(MOST_NAMES + 3):
        (ours / f"{number:02}.txt").touch()
    assert found_at(ours).endswith("`09.txt` and 3 more, which no run wrote")


def test_a_file_that_the_user_changed_is_kept(ours: Path) -> None:
    (ours / "report.html").write_text("with remarks in the margin")
    assert found_at(ours) == "changed since: `report.html`"


def test_a_link_among_the_files_is_not_followed(ours: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (ours / "data").symlink_to(tmp_path / "elsewhere")
    assert found_at(ours) == "`data`, which no run wrote"
    (ours / "data").unlink()
    (ours / "results.csv").replace(tmp_path / "results.csv")
    (ours / "results.csv").symlink_to(tmp_path / "results.csv")
    assert found_at(ours) == "changed since: `results.csv`"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"python -m ketaoutcomes run"',
        "[" * 50_000,
        '{"name": "app", "version": 2}',
        '{"command": 3, "files": {}}',
        '{"command": "python -m ketaoutcomes run x", "files": ["report.html"]}',
        manifest(command="npm run build"),
        manifest(command="python -m ketaoutcomes_of_another run x"),
    ],
)
def test_a_manifest_of_another_program_is_not_ours(ours: Path, text: str) -> None:
    (ours / "manifest.json").write_text(text)
    assert found_at(ours) == "a manifest.json that no command of this program wrote"


def test_a_folder_without_manifest_is_not_ours(ours: Path) -> None:
    (ours / "manifest.json").replace(ours / "MANIFEST.json")
    assert found_at(ours) == "a folder with other files"
    refuse_to_lose(ours.with_name("new"))
    ours.with_name("empty").mkdir()
    refuse_to_lose(ours.with_name("empty"))


@pytest.mark.parametrize("place", [".", "..", "/", "", "../here"])
def test_the_working_folder_and_those_above_stay(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "the working folder" in found_at(Path(place))


@pytest.mark.parametrize("target", ["out", "nowhere"])
def test_a_link_is_told_with_its_end(ours: Path, target: str) -> None:
    link = ours.with_name("link")
    link.symlink_to(ours.with_name(target))
    assert found_at(link) == f"a link to {ours.with_name(target)}"
    assert link.is_symlink()


def test_a_file_is_not_a_folder(ours: Path) -> None:
    assert found_at(ours / "report.html") == "a file"
    assert found_at(ours / "report.html" / "new" / "out") == "Not a directory"


def test_a_name_that_no_disk_takes(tmp_path: Path) -> None:
    assert found_at(tmp_path / ("a" * 250)) == "File name too long"
    assert found_at(tmp_path / ("a" * 300) / "out") == "File name too long"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a user who is not root, whom the system lets write anywhere."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert found_at(ours) == "Permission denied"
    monkeypatch.undo()
    monkeypatch.setattr(os, "mkdir", refused)
    assert found_at(ours.with_name("new")) == "Read-only file system"
    with pytest.raises(CommandError, match="Read-only"):
        refuse_unwritable(ours.with_name("work"))


def refused(*_words: object, **_named: object) -> None:
    raise OSError(30, "Read-only file system")


@pytest.fixture
def disk_of_its_own(tmp_path: Path) -> Iterator[Path]:
    """A mounted disk of 64 KB, where the machine lets us."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_the_top_of_a_disk_stays(disk_of_its_own: Path) -> None:
    assert "mount point" in found_at(disk_of_its_own)
    refuse_to_lose(disk_of_its_own / "out")


def test_a_full_disk_leaves_the_former_folder(disk_of_its_own: Path) -> None:
    folder = disk_of_its_own / "out"
    former = FILES | {"manifest.json": manifest().encode()}
    replace_folder(folder, former)
    with pytest.raises(OSError, match="No space left"):
        replace_folder(folder, {"report.html": b"x" * 200_000})
    assert [p.name for p in disk_of_its_own.iterdir()] == ["out"]
    assert {name: (folder / name).read_bytes() for name in former} == former


LEDGER = "id,value"


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        lambda path: path.write_text("id,other\n1,2\n"),
        lambda path: path.symlink_to("nowhere"),
    ],
)
def test_another_file_is_not_replaced(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "ledger.csv")
    with pytest.raises(CommandError, match="nothing is written"):
        refuse_file(tmp_path / "ledger.csv", LEDGER)


def test_a_former_file_and_a_new_one_are_written(tmp_path: Path) -> None:
    refuse_file(tmp_path / "ledger.csv", LEDGER)
    (tmp_path / "ledger.csv").write_text("id,value\n1,2\n")
    refuse_file(tmp_path / "ledger.csv", LEDGER)
    with pytest.raises(CommandError, match="Not a directory"):
        refuse_file(tmp_path / "ledger.csv" / "x.csv", LEDGER)
