"""Java 11 and 17 are used, others are passed over."""

from pathlib import Path

import pytest

from taskapp.localnode import java
from taskapp.localnode.errors import NodeError
from taskapp.localnode.progress import silent


@pytest.mark.parametrize(("told", "major"), [
    ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)', 17),
    ('openjdk version "11.0.2" 2019-01-15', 11),
    ('java version "1.8.0_392"', 8),
    ('openjdk version "21" 2023-09-19', 21),
    ('openjdk version "25-ea" 2025-09-16', 25),
    ("Picked up JAVA_TOOL_OPTIONS: -Dx=1\nopenjdk version \"17-internal\"", 17),
    ("The operation couldn't be completed. Unable to locate a Java Runtime.", None),
])
def test_version(told: str, major: int | None) -> None:
    assert java.parse_version(told) == major


def make_java(home: Path, version: str) -> Path:
    path = home / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'first' / 'bin'}:{tmp_path / 'second' / 'bin'}")
    return tmp_path


def test_another_version_on_the_path_is_passed_over(machine: Path) -> None:
    make_java(machine / "first", "25.0.1")
    right = make_java(machine / "second", "17.0.9")
    assert java.find("", silent) == right


def test_java_home_comes_before_the_path(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_java(machine / "first", "17.0.9")
    home = make_java(machine / "home", "11.0.2")
    monkeypatch.setenv("JAVA_HOME", str(machine / "home"))
    assert java.find("", silent) == home


def test_a_given_java_of_another_version_is_an_error(machine: Path) -> None:
    make_java(machine / "first", "17.0.9")
    make_java(machine / "given", "21.0.1")
    with pytest.raises(NodeError, match=r"holds Java 21; Cassandra 5\.0 needs Java 11 or 17"):
        java.find(str(machine / "given"), silent)


def test_a_given_folder_without_java_is_an_error(machine: Path) -> None:
    with pytest.raises(NodeError, match="holds no Java that runs"):
        java.find(str(machine), silent)
