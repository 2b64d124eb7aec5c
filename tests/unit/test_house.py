"""The rules of the house, each with a planted violation that its check sees."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from taskapp import create_app, settings
from taskapp.http.contract import AUTHENTICATED, PUBLIC, check_all, contract_of
from taskapp.kit.caller import SCOPES
from taskapp.kit.problem import KINDS
from taskapp.settings import Settings

ROOT = Path(__file__).parents[2]
FILE_LINES, FUNCTION_LINES = 400, 60
CQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE \S+ (USING|SET)|DELETE\s.*FROM|(CREATE|ALTER|DROP) "
                 r"(TABLE|INDEX|KEYSPACE|TYPE)|TRUNCATE|BEGIN BATCH)\b")
KNOWS_CQL = ("taskapp/cassandra/", "migrations/")
INDEX_CONSTANT = re.compile(r"_?[A-Z][A-Z_]*")


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py") if ".venv" not in path.parts]


# -- Size

def long_functions(text: str) -> list[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)
            and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES]


def test_files_are_short() -> None:
    counted = {str(path.relative_to(ROOT)): len(path.read_text().splitlines())
               for path in sources("taskapp", "tests", "migrations", "bench")}
    assert {name: lines for name, lines in counted.items() if lines > FILE_LINES} == {}


def test_functions_are_short() -> None:
    found = {str(path.relative_to(ROOT)): names for path in sources("taskapp", "tests", "migrations", "bench")
             if (names := long_functions(path.read_text()))}
    assert found == {}


def test_control_a_long_function_is_seen() -> None:
    body = "    pass\n" * FUNCTION_LINES
    assert long_functions(f"def long():\n{body}") == ["long"]
    assert long_functions(f"class A:\n    async def long(self):\n{body.replace('    ', '        ')}") == ["long"]


# -- Rooms

def lint_imports(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run([sys.executable, "-c", command, "--config", "setup.cfg", "--no-cache"], cwd=folder,
                          env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False)


def test_imports_go_down_only() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_control_an_import_that_goes_up_is_seen(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "taskapp", tmp_path / "taskapp", ignore=shutil.ignore_patterns("__pycache__", "web"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    clock = tmp_path / "taskapp" / "kit" / "clock.py"
    clock.write_text(clock.read_text() + "\nfrom taskapp.http import answers\n")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "taskapp.kit.clock" in done.stdout


def strangers(paths: list[Path], root: Path) -> list[str]:
    """List the files with CQL that should have none."""
    found = []
    for path in paths:
        name = "/" + str(path.relative_to(root))
        texts = (node.value for node in ast.walk(ast.parse(path.read_text()))
                 if isinstance(node, ast.Constant) and isinstance(node.value, str))
        if not any(place in name for place in KNOWS_CQL) and any(CQL.search(text) for text in texts):
            found.append(name.lstrip("/"))
    return found


def test_the_database_is_asked_in_few_places() -> None:
    assert strangers(sources("taskapp"), ROOT) == []


def test_control_cql_elsewhere_is_seen(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text('A = "SELECT title FROM tasks"\n')
    (tmp_path / "other.py").write_text('A = f"DELETE FROM {1}.tasks"\n')
    (tmp_path / "queries.py").write_text('A = "INSERT INTO tasks (title) VALUES (?)"\n')
    (tmp_path / "words.py").write_text('A = "Select a task from the list; update it"\n')
    assert sorted(strangers(list(tmp_path.glob("*.py")), tmp_path)) == ["other.py", "queries.py", "views.py"]


def untyped_rows(text: str) -> list[str]:
    """List where rows are taken apart by the numbers of columns, and public functions that return them as dicts."""
    tree = ast.parse(text)
    places = [f"line {node.lineno}: {ast.unparse(node)}" for node in ast.walk(tree) if isinstance(node, ast.Subscript)
              and ast.unparse(node.value) in ("row", "rows", "found") and isinstance(node.slice, ast.Name)
              and INDEX_CONSTANT.fullmatch(node.slice.id)]
    dicts = [f"line {node.lineno}: {node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)
             and not node.name.startswith("_") and node.returns and "dict[str, Any]" in ast.unparse(node.returns)]
    return places + dicts


def test_rows_are_objects() -> None:
    queries = [path for path in sources("taskapp/features") if path.stem.endswith("queries")]
    assert len(queries) >= 6
    assert {path: found for path in queries if (found := untyped_rows(path.read_text()))} == {}


def test_control_rows_that_are_no_objects_are_seen() -> None:
    assert len(untyped_rows("def get() -> list[dict[str, Any]]: ...\ndef _own() -> dict[str, Any]: ...\n"
                            "title = row[_TITLE]\ncell = row[name]\n")) == 2


# -- Promises

@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings())


def test_every_route_promises(app: Flask) -> None:
    check_all(app)
    for rule in app.url_map.iter_rules():
        contract = contract_of(app, rule.endpoint)
        assert contract is not None
        assert contract.scope in {PUBLIC, AUTHENTICATED, *SCOPES}, rule
        assert set(contract.problems) <= set(KINDS), rule
        assert contract.answers, rule
        assert contract.summary, rule
        assert contract.writes == bool(rule.methods & {"POST", "PUT", "PATCH", "DELETE"}), rule


def test_control_a_route_without_a_promise_is_refused() -> None:
    app = create_app(Settings())
    app.add_url_rule("/bare", "bare", lambda: "")
    with pytest.raises(RuntimeError, match="bare"):
        check_all(app)


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    assert [name for name, default, meaning in settings.table()
            if f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" not in page] == []


def test_nothing_names_this_machine_or_a_registry() -> None:
    told = re.compile(rf"{re.escape(str(ROOT))}\b|{re.escape(str(Path.home()))}/|https?://(repo|registry|pypi|files)\.")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    found = [str(path.relative_to(ROOT)) for path in paths
             if path.is_file() and told.search(path.read_bytes().decode("utf-8", "ignore"))]
    assert found == []


def test_no_two_test_files_share_a_name() -> None:
    # Without packages, pytest would take one for the other.
    names = [path.name for path in sources("tests") if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))
