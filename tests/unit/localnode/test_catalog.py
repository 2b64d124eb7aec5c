"""The lock file names every jar exactly, and no address."""

from pathlib import Path

import pytest

from taskapp.localnode import catalog


def test_every_jar_has_a_checksum_and_a_size() -> None:
    version, jars = catalog.read()
    assert version.startswith("5.0.")
    assert len(jars) > 50
    assert all(len(jar.sha256) == 64 and int(jar.sha256, 16) and jar.size > 0 for jar in jars)
    assert len({str(jar) for jar in jars}) == len({jar.sha256 for jar in jars}) == len(jars)


def test_cassandra_itself_is_the_version_of_the_lock() -> None:
    version, jars = catalog.read()
    assert f"cassandra-all-{version}.jar" in map(str, jars)


def test_no_address_of_a_registry() -> None:
    assert "://" not in catalog.LOCK_FILE.read_text()


@pytest.mark.parametrize("system", ["linux-x86_64", "linux-aarch_64", "osx-x86_64", "osx-aarch_64"])
def test_a_machine_gets_its_own_native_jars_alone(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "this_system", lambda: system)
    assert {jar.system for jar in catalog.needed()} == {"", system}


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    version, jars = catalog.read()
    catalog.write(version, jars, tmp_path / "lock.json")
    assert catalog.read(tmp_path / "lock.json") == (version, jars)
