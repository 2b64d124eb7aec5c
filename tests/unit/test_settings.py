"""Every setting is read from its variable, and what cannot be used is named."""

from pathlib import Path
from typing import Any

import pytest

from taskapp import settings as module
from taskapp.settings import BadSettings, Settings, is_loopback

# A value for each type that is none of the defaults.
OTHER: dict[Any, tuple[str, Any]] = {
    str: ("other", "other"), int: ("77", 77), float: ("7.5", 7.5), Path: ("some/where", Path("some/where")),
    list[str]: ("a.example,b.example", ("a.example", "b.example"))}
# Settings whose values are bound by a rule.
SPECIAL = {"auth": ("open", "open"), "host": ("127.0.0.9", "127.0.0.9"), "bind": ("unix:/run/x", "unix:/run/x"),
           "url_prefix": ("/api/v1", "/api/v1"), "log_level": ("warning", "warning"), "node_heap": ("512m", "512m"),
           "registration": ("closed", "closed"), "rate_writes": ("7/day", "7/day"), "rate_login": ("7/day", "7/day"),
           "node_address": ("127.0.0.3", "127.0.0.3"), "cassandra_keyspace": ("other", "other")}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Clear the environment, and work in an empty folder."""
    import os

    for name in [name for name in os.environ if name.startswith(("TASKAPP_", "ASTRA_DB_")) or name == "PORT"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_variables_there_are_the_defaults() -> None:
    assert Settings.from_env() == Settings()


@pytest.mark.parametrize("name", [item.name for item in module.fields(Settings)])
def test_each_setting_has_its_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    item = next(item for item in module.fields(Settings) if item.name == name)
    default = getattr(Settings(), name)
    text, value = SPECIAL.get(name) or (
        (str(not default).lower(), not default) if item.type is bool else OTHER[item.type])
    for other in module.ASTRA if name in module.ASTRA else ():
        # Astra's are of use together only.
        monkeypatch.setenv(module.variable(other), "given")
    monkeypatch.setenv(module.variable(name), text)
    assert getattr(Settings.from_env(), name) == value


def test_a_file_gives_settings_and_real_variables_win(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / ".env").write_text("TASKAPP_WORKERS=5\nTASKAPP_THREADS=6\n")
    monkeypatch.setenv("TASKAPP_THREADS", "7")
    # The file is read into the environment; this takes it out again.
    monkeypatch.setenv("TASKAPP_WORKERS", "0")
    monkeypatch.delenv("TASKAPP_WORKERS")
    read = Settings.from_env()
    assert (read.workers, read.threads) == (5, 7)


def test_port_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert Settings.from_env().address == "127.0.0.1:8123"
    monkeypatch.setenv("TASKAPP_PORT", "8124")
    assert Settings.from_env().address == "127.0.0.1:8124"


def test_what_is_given_wins() -> None:
    assert Settings.from_env(workers=9).workers == 9


@pytest.mark.parametrize(("name", "value"), [
    ("TASKAPP_WORKERS", "many"), ("TASKAPP_WORKERS", "0"), ("TASKAPP_REQUEST_TIMEOUT", "-1"), ("TASKAPP_PORT", "x"),
    ("TASKAPP_CASSANDRA_TLS", "perhaps"), ("TASKAPP_NO_SUCH_THING", "1"), ("TASKAPP_WORKER", "2"),
    ("TASKAPP_AUTH", "none"), ("TASKAPP_URL_PREFIX", "api"), ("PORT", "http")])
def test_what_cannot_be_used_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name):
        Settings.from_env()


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TASKAPP_WORKERS", "TASKAPP_THREADS"):
        monkeypatch.setenv(name, "many")
    monkeypatch.setenv("TASKAPP_NO_SUCH_THING", "1")
    with pytest.raises(BadSettings) as caught:
        Settings.from_env()
    assert all(name in str(caught.value) for name in ("WORKERS", "THREADS", "NO_SUCH_THING"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", "", "127.0.0.1.example.org"])
def test_open_mode_refuses_an_address_that_others_reach(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKAPP_HOST", host)
    with pytest.raises(BadSettings, match="TASKAPP_HOST"):
        Settings.from_env()


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "[::]:8000", "10.0.0.1:80", ":8000"])
def test_open_mode_refuses_such_a_bind(bind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKAPP_BIND", bind)
    with pytest.raises(BadSettings):
        Settings.from_env()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "localhost:1", "[::1]:1", "127.9.9.9:1", "unix:/x"])
def test_loopback_addresses(address: str) -> None:
    assert is_loopback(address)


def test_every_setting_has_a_meaning() -> None:
    assert all(meaning for _, _, meaning in module.table())
    assert len(module.table()) == len(module.fields(Settings))


# -- Astra

ASTRA = {"ASTRA_DB_CLIENT_ID": "token", "ASTRA_DB_CLIENT_SECRET": "AstraCS:x",
         "ASTRA_DB_SECURE_BUNDLE_PATH": "bundle.zip", "ASTRA_DB_KEYSPACE": "wild"}


def test_the_four_variables_of_astra(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings.from_env().astra, Settings.from_env().keyspace, Settings.from_env().local_node) == \
        (False, "taskapp", True)
    for name, value in ASTRA.items():
        monkeypatch.setenv(name, value)
    read = Settings.from_env()
    assert (read.astra, read.keyspace, read.local_node) == (True, "wild", False)


@pytest.mark.parametrize("missing", ASTRA)
def test_some_of_astra_are_not_enough(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ASTRA.items():
        monkeypatch.setenv(name, "" if name == missing else value)
    with pytest.raises(BadSettings, match=f"^{missing}: missing; Astra needs all of"):
        Settings.from_env()


@pytest.mark.parametrize("other", ["CONTACT_POINTS", "KEYSPACE", "USERNAME", "CA_FILE"])
def test_astra_and_another_cluster_are_one_too_many(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ASTRA.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(f"TASKAPP_CASSANDRA_{other}", "other")
    with pytest.raises(BadSettings, match=f"^TASKAPP_CASSANDRA_{other}: names another cluster"):
        Settings.from_env()


def test_astra_s_names_have_no_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKAPP_ASTRA_DB_KEYSPACE", "wild")
    with pytest.raises(BadSettings, match="TASKAPP_ASTRA_DB_KEYSPACE: no such setting"):
        Settings.from_env()


def test_names_nobody_knows_are_warned_of(bare: Path, monkeypatch: pytest.MonkeyPatch,
                                          caplog: pytest.LogCaptureFixture) -> None:
    module._warn_of.cache_clear()
    (bare / ".env").write_text("TASKAPP_WORKER=5\nASTRA_DB_ID=x\nANOTHER=y\n")
    monkeypatch.setenv("ASTRA_DB_REGION", "eu")
    Settings.from_env()
    Settings.from_env()
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == \
        ["ASTRA_DB_ID", "ASTRA_DB_REGION", "TASKAPP_WORKER"]


def test_secrets_are_not_printed() -> None:
    secrets = {"secret_key": "hidden1", "cassandra_password": "hidden2", "astra_db_client_secret": "hidden3"}
    assert "hidden" not in repr(Settings(**secrets))


def test_token_mode_refuses_the_login_that_everybody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USERNAME", "PASSWORD"):
        monkeypatch.setenv(f"TASKAPP_CASSANDRA_{name}", "cassandra")
    Settings.from_env()
    monkeypatch.setenv("TASKAPP_AUTH", "token")
    with pytest.raises(BadSettings, match="cassandra/cassandra"):
        Settings.from_env()
