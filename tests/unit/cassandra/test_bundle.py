"""Reading a Secure Connect Bundle: what it must hold, and what is told when it does not."""

import json
from pathlib import Path

import pytest

from taskapp.cassandra.reach import bundle
from taskapp.settings import BadSettings
from tests.fixtures.astra import zipped
from tests.fixtures.certificates import Authority


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    authority = Authority(tmp_path_factory.mktemp("certificates") / "authority")
    client = authority.issue("client")
    return {"config.json": json.dumps({"host": "db.example", "port": 29080, "keyspace": "wild"}),
            "ca.crt": authority.file.read_text(), "cert": client.file.read_text(), "key": client.key.read_text(),
            "identity.jks": "of another driver"}


def test_a_whole_one(members: dict[str, str], tmp_path: Path) -> None:
    found = bundle.read(str(zipped(tmp_path / "whole.zip", members)))
    assert (found.host, found.port) == ("db.example", 29080)
    assert found.context().check_hostname
    # Nothing is unpacked beside it.
    assert [path.name for path in tmp_path.iterdir()] == ["whole.zip"]


@pytest.mark.parametrize(("name", "text", "told"), [
    ("config.json", None, "no config.json in it"), ("ca.crt", None, "no ca.crt in it"),
    ("cert", None, "no cert in it"), ("key", None, "no key in it"),
    ("config.json", "{", "config.json does not name"), ("config.json", "[]", "config.json does not name"),
    ("config.json", "{}", "config.json does not name"),
    ("config.json", '{"host": "db.example", "port": "x"}', "config.json does not name"),
    ("ca.crt", "", "ca.crt: not a PEM file"), ("ca.crt", "é", "ca.crt: "), ("cert", "none", "cert and key: not a PEM"),
    ("key", "none", "cert and key: not a PEM")])
def test_one_that_lacks_something(name: str, text: str | None, told: str, members: dict[str, str],
                                  tmp_path: Path) -> None:
    changed = {**members, name: text}
    file = zipped(tmp_path / "b.zip", {name: text for name, text in changed.items() if text is not None})
    with pytest.raises(BadSettings, match=f"^ASTRA_DB_SECURE_BUNDLE_PATH: .*{told}") as caught:
        bundle.read(str(file)).context()
    assert "\n" not in str(caught.value)


def test_a_key_of_another_certificate(members: dict[str, str], tmp_path: Path) -> None:
    other = Authority(tmp_path / "other").issue("other").key.read_text()
    with pytest.raises(BadSettings, match="cert and key: the key is not that of the certificate"):
        bundle.read(str(zipped(tmp_path / "b.zip", {**members, "key": other}))).context()
