"""What the documents point to is there: tests, files, headings, routes. Each check has a planted fault that it sees."""

import ast
import re
import shlex
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from taskapp import create_app
from taskapp.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "deploy" / "README.md",
         *sorted((ROOT / "docs").glob("*.md")))
QUOTED = re.compile(r"`([^`\n]+)`")
TEST_FILE, TEST = re.compile(r"(\S*/)?test_\w+\.py"), re.compile(r"test_\w+")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
# A file in backticks is named from the root, from taskapp/, in a row of proofs from tests/, and where wildlife is
# copied from there.
FILE = re.compile(r"[\w.-]+(/[\w.-]+)*\.(py|cql|yml|yaml|json|conf|service|socket|md|sh)")
PLACES = ("", "taskapp", "tests", "deploy", "taskapp/features/wildlife")
# Written by the reader, or by the service while it runs.
NOT_OURS = {"migrations/NNNN_name.py", ".env", "node.pem", "ca.pem", "openapi.json"}
SERVICE = "http://localhost:8000"


# -- Tests

def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def missing_tests(text: str) -> list[str]:
    """List what a text calls a test and is none; a function belongs to the file that is named before it in its line."""
    files, missing = list((ROOT / "tests").rglob("test_*.py")), []
    for line in text.splitlines():
        known: set[str] = set()
        for name in QUOTED.findall(line):
            if TEST_FILE.fullmatch(name):
                meant = [path for path in files if path.as_posix().endswith(f"/{name}")]
                known = set().union(*(functions(path) for path in meant))
                missing += [] if meant else [name]
            elif TEST.fullmatch(name) and name not in known:
                missing.append(name)
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_test_that_is_named_exists(page: Path) -> None:
    assert missing_tests(page.read_text()) == []


def test_control_a_wrong_test_is_seen() -> None:
    assert missing_tests("`integration/test_tutorial.py`: `test_the_five_lines`") == []
    assert missing_tests("| `test_nothing.py` |") == ["test_nothing.py"]
    assert missing_tests("| `chaos/test_tutorial.py` |") == ["chaos/test_tutorial.py"]
    assert missing_tests("`test_tutorial.py`: `test_the_six_lines`") == ["test_the_six_lines"]
    assert missing_tests("`test_tutorial.py`, `test_boot.py`: `test_the_five_lines`") == ["test_the_five_lines"]


def rows_without_a_proof(text: str) -> list[str]:
    """List the rows of the tutorials' tables that name neither a test nor, in so many words, that there is none."""
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    told = [row for row in rows if not row.endswith("| proof |")]
    return [row for row in told if not re.search(r"`(\S*/)?test_\w+\.py`|not tried|not yet", row.split(" | ")[-1])]


def test_every_row_of_the_tutorials_has_a_proof() -> None:
    text = (ROOT / "docs" / "tutorials.md").read_text()
    assert len(text.splitlines()) > 60
    assert rows_without_a_proof(text) == []


def test_control_a_row_without_a_proof_is_seen() -> None:
    text = "# The three tutorials\n| it | here | proof |\n| --- | --- | --- |\n| a | b | {} |\n"
    assert rows_without_a_proof(text.format("`test_tutorial.py`")) == []
    assert rows_without_a_proof(text.format("to come")) == ["| a | b | to come |"]


def test_the_readme_is_short_and_every_page_can_be_found() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 150
    told = readme + (ROOT / "docs" / "README.md").read_text()
    assert [page.name for page in PAGES if f"{page.name})" not in told] == []


# -- Headings

def anchors(text: str) -> set[str]:
    """List the names by which a page's headings can be linked to."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", head.lower()).replace(" ", "-") for head in heads}


def missing_anchors(text: str, folder: Path) -> list[str]:
    """List the links to a heading that its page does not have; a link without a page means the text itself."""
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", text)
    return [f"{file}#{anchor}" for file, anchor in links
            if anchor not in anchors((folder / file).read_text() if file else text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_heading_leads_there(page: Path) -> None:
    assert missing_anchors(page.read_text(), page.parent) == []


def test_control_a_link_to_no_heading_is_seen() -> None:
    text = "## What changed, and why\n[here](#what-changed-and-why), [there](README.md#two-commands)\n"
    assert missing_anchors(text, ROOT) == []
    assert missing_anchors(text + "[no](#why), [nor](README.md#three-commands)", ROOT) == [
        "#why", "README.md#three-commands"]


# -- Files

def missing_files(text: str, folder: Path) -> list[str]:
    missing = [link for link in LINK.findall(text) if not (folder / link).exists()]
    for name in QUOTED.findall(text):
        if FILE.fullmatch(name) and not TEST_FILE.fullmatch(name) and name not in NOT_OURS:
            missing += [] if any((ROOT / place / name).exists() for place in PLACES) else [name]
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_exists(page: Path) -> None:
    assert missing_files(page.read_text(), page.parent) == []


def test_control_a_wrong_file_is_seen() -> None:
    assert missing_files("`kit/cursor.py`, `docker-compose.yml`, [architecture](ARCHITECTURE.md)", ROOT) == []
    assert missing_files("`kit/cursors.py` and [more](MORE.md)", ROOT) == ["MORE.md", "kit/cursors.py"]


# -- Packages

def mapped(text: str) -> list[str]:
    """List the paths of ARCHITECTURE's map: an indented line each, below the folder that is indented less."""
    found, above = [], {0: ""}
    for line in text.partition("\n## The packages\n")[2].partition("\n## ")[0].splitlines():
        if entry := re.match(r"( +)([\w.]+(?:/|\.py))(?:[ ,]|$)", line):
            depth = len(entry[1])
            above = {each: path for each, path in above.items() if each < depth}
            above[depth] = above[max(above)] + entry[2]
            found.append(above[depth])
    return found


def test_every_package_is_on_the_map() -> None:
    found = mapped((ROOT / "ARCHITECTURE.md").read_text())
    assert [path for path in found if not (ROOT / path).exists()] == []
    packages = {f"{init.parent.relative_to(ROOT)}/" for folder in ("", "cassandra", "features")
                for init in (ROOT / "taskapp" / folder).glob("*/__init__.py")}
    assert packages - set(found) == set()


def test_control_the_map_is_read() -> None:
    text = "\n## The packages\n    a/\n      b/   two\n        c.py  three\n      d/   four, and\n           more\n"
    assert mapped(text + "    e.py, f.py: six\n## More\n    g/  no\n") == ["a/", "a/b/", "a/b/c.py", "a/d/", "e.py"]


# -- Routes

def curl_lines(text: str) -> list[tuple[str, str]]:
    """List method and path of each curl line that is indented as code; a backslash continues a line."""
    found = []
    for line in re.findall(r"^ {4}(curl .*)$", text.replace("\\\n", " "), re.MULTILINE):
        words = shlex.split(line)
        sends = any(word in ("-d", "--data", "--json") for word in words)
        method = words[words.index("-X") + 1] if "-X" in words else "POST" if sends else "GET"
        found += [(method, word) for word in words if word.startswith(SERVICE)]
    return found


def lead_nowhere(text: str, app: Flask) -> list[tuple[str, str]]:
    """List the curl lines that no route answers."""
    adapter, lost = app.url_map.bind("localhost"), []
    for method, url in curl_lines(text):
        path = re.sub(r"\{\w+\}", str(uuid.UUID(int=1)), urlsplit(url).path) or "/"
        try:
            adapter.match(path, method)
        except HTTPException:
            lost.append((method, url))
    return lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_curl_line_leads_to_a_route(page: Path) -> None:
    assert lead_nowhere(page.read_text(), create_app(Settings())) == []


def test_control_a_curl_line_to_nowhere_is_seen() -> None:
    app = create_app(Settings())
    assert curl_lines((ROOT / "README.md").read_text()) != []
    assert lead_nowhere(f'    curl "{SERVICE}/tasks/{{task_id}}/history?limit=1"\n', app) == []
    for line, method, path in (("-X PUT {}", "PUT", "/tasks/"), ("{}", "GET", "/tusks/"),
                               ("{} \\\n -d x", "POST", "/")):
        assert lead_nowhere(f"    curl {line.format(SERVICE + path)}\n", app) == [(method, SERVICE + path)]
