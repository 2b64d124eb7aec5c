"""Migration files are numbered without a gap, and their text is what counts."""

from pathlib import Path

import pytest

from taskapp.cassandra.errors import SchemaError
from taskapp.cassandra.migrations import load

TEXT = '"""Why."""\n\nSTEPS = ("ALTER TABLE $ks.t ADD c int",)\n'


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text(TEXT)
    return folder


def test_files_come_in_order(tmp_path: Path) -> None:
    found = load(write(tmp_path, "0002_two.py", "0001_one.py", "notes.txt", "__init__.py"))
    assert [(each.number, each.name) for each in found] == [(1, "one"), (2, "two")]
    assert found[0].actions == ("ALTER TABLE $ks.t ADD c int",)


@pytest.mark.parametrize("names", [("0002_two.py",), ("0001_a.py", "0003_c.py"), ("0001_a.py", "0001_b.py")])
def test_a_gap_or_a_double_number_is_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SchemaError):
        load(write(tmp_path, *names))


def test_no_folder_is_not_no_migrations(tmp_path: Path) -> None:
    assert load(tmp_path) == ()
    with pytest.raises(SchemaError, match=str(tmp_path / "elsewhere")):
        load(tmp_path / "elsewhere")


def test_another_text_is_another_checksum(tmp_path: Path) -> None:
    (path,) = write(tmp_path, "0001_one.py").iterdir()
    before = load(tmp_path)[0].checksum
    path.write_text(TEXT.replace("\n", "\r\n"), newline="")
    assert load(tmp_path)[0].checksum == before, "line ends do not count"
    path.write_text(TEXT + "# more\n")
    assert load(tmp_path)[0].checksum != before


def test_our_own_files_load_and_say_why() -> None:
    assert load()
