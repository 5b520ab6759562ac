"""A report's folder is the new one or the former one, never a part."""

from pathlib import Path

import pytest

from ketaoutcomes import disk


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_files_are_written_whole(tmp_path: Path) -> None:
    disk.write_folder(tmp_path / "a" / "b", {"x.txt": b"1", "sub/y.txt": b"2"})
    assert files_of(tmp_path / "a" / "b") == {"x.txt": b"1", "sub/y.txt": b"2"}


def test_a_former_folder_is_replaced(tmp_path: Path) -> None:
    disk.write_folder(tmp_path / "b", {"old.txt": b"1"})
    disk.write_folder(tmp_path / "b", {"new.txt": b"2"})
    assert files_of(tmp_path / "b") == {"new.txt": b"2"}
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_full_disk_leaves_the_former_folder_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    disk.write_folder(tmp_path / "b", {"old.txt": b"1"})
    written = []
    write = disk._write_flushed

    def failing(path: Path, content: bytes) -> None:
        written.append(path)
        if len(written) == fails_at:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(disk, "_write_flushed", failing)
    with pytest.raises(OSError, match="No space left"):
        disk.write_folder(tmp_path / "b", {"1": b"1", "2": b"2", "3": b"3"})
    assert files_of(tmp_path) == {"b/old.txt": b"1"}


def test_a_stop_between_the_two_renames_restores_the_former_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.write_folder(tmp_path / "b", {"old.txt": b"1"})
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == tmp_path / "b" and not self.name.endswith(".former"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        disk.write_folder(tmp_path / "b", {"new.txt": b"2"})
    assert files_of(tmp_path) == {"b/old.txt": b"1"}
