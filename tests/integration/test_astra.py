"""The service on what Astra looks like from outside: the tutorial's four variables lead it there, and it works."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from taskapp.cassandra.schema.options import ASTRA_CHOOSES
from taskapp.localnode import ports
from tests.fixtures.astra import SECRET, UNNAMED, Astra, zipped
from tests.fixtures.client import Client
from tests.fixtures.command import well
from tests.fixtures.secured import boot, call, one_line, serve
from tests.fixtures.service import Service


@pytest.fixture(scope="module")
def service(astra: Astra, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    environment = {**astra.environment, "TASKAPP_LOG_LEVEL": "debug"}
    with serve(environment, tmp_path_factory.mktemp("service")) as running:
        yield running


# -- It works

def test_tables_are_made_without_the_options_that_astra_chooses(astra: Astra) -> None:
    # The node refuses these options, so that a real run cannot send one.
    done = well(call(astra.environment, "sync-tables", "--json"))
    tables = [text for text in done["statements"] if text.startswith("CREATE TABLE")]
    assert len(tables) > 10
    assert [text for text in done["statements"] if "KEYSPACE" in text] == []
    assert [text for text in tables if any(f"{name} = " in text for name in ASTRA_CHOOSES)] == []
    assert any("default_time_to_live" in text for text in tables)
    assert well(call(astra.environment, "sync-tables", "--json"))["statements"] == []
    states = well(call(astra.environment, "migrate", "status", "--json"))
    assert {each["state"] for each in states} == {"applied"}


def test_the_tutorial_s_lines_work(service: Service) -> None:
    client = Client(service.url)
    assert client.get("/health/ready").ok()["status"] == "ready"
    made = client.post("/tasks/", json={"title": "Complete project", "description": "Finish", "status": "pending"})
    task = made.ok(201)
    path = f"/tasks/{task['task_id']}"
    assert task in client.get("/tasks/").ok()
    assert client.get(path).ok() == task
    assert client.put(path, json={"title": "Complete project", "status": "completed"}).ok()["status"] == "completed"
    # A condition is a lightweight transaction.
    client.patch(path, json={"priority": 3}, headers={"If-Match": '"1"'}).problem(412, "version_conflict")
    assert client.patch(path, json={"labels": {"add": ["a"]}}, headers={"If-Match": '"2"'}).ok()["version"] == 3
    assert client.get("/tasks/", status="completed").ok()[0]["task_id"] == task["task_id"]
    assert client.delete(path).ok()["message"] == "Task deleted successfully"
    client.get(path).problem(404)


def test_a_task_too_large_for_a_batch(service: Service) -> None:
    client = Client(service.url)
    task = client.make("large", description="ä" * 16_384)
    assert client.read(task) == task
    changed = client.patch(f"/tasks/{task['task_id']}", json={"description": "ö" * 16_384}).ok()
    assert client.read(task) == changed


def test_the_wildlife_sample_works(service: Service, astra: Astra) -> None:
    assert call(astra.environment, "init-wildlife").returncode == 0
    client = Client(service.url)
    assert {each["species"] for each in client.get("/animal/Vanessa").ok()} == {"cardui", "atalanta"}
    assert len(client.get("/plant/Plantago").ok()) == 88


def test_repair_works_there(service: Service, astra: Astra) -> None:
    assert call(astra.environment, "repair", "--check").returncode == 0


def test_the_log_shows_no_secret(service: Service) -> None:
    assert SECRET not in service.log()
    assert "AstraCS" not in service.log()


def test_a_file_gives_the_variables(astra: Astra, tmp_path: Path) -> None:
    # A file that one of Astra's tools wrote has more than these.
    given = {**astra.environment, "ASTRA_DB_REGION": "eu", "TASKAPP_WORKER": "4"}
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    # Without the file there is no node at that port.
    done = call({"TASKAPP_CASSANDRA_PORT": "1"}, "migrate", "status", "--json", folder=tmp_path)
    assert well(done) != []
    assert done.stderr.splitlines() == [f"{name}: no such setting; it is not used" for name in
                                        ("ASTRA_DB_REGION", "TASKAPP_WORKER")]


def test_a_real_variable_wins_over_the_file(astra: Astra, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in astra.environment.items()))
    line = one_line(call({"ASTRA_DB_KEYSPACE": "elsewhere"}, "migrate", "status", folder=tmp_path))
    assert "elsewhere" in line


# -- It refuses, in one line and at once

def test_a_keyspace_is_never_made(astra: Astra) -> None:
    line = one_line(call({**astra.environment, "ASTRA_DB_KEYSPACE": "unknown"}, "sync-tables"))
    assert "ASTRA_DB_KEYSPACE" in line
    assert "no keyspace 'unknown'" in line
    # Not even by a role that could.
    session = astra.behind.superuser
    session.execute("CREATE ROLE IF NOT EXISTS creator WITH LOGIN = true AND PASSWORD = 'creator'")
    session.execute("GRANT CREATE ON ALL KEYSPACES TO creator")
    creator = {"ASTRA_DB_CLIENT_ID": "creator", "ASTRA_DB_CLIENT_SECRET": "creator"}
    line = one_line(call({**astra.environment, **creator, "ASTRA_DB_KEYSPACE": "unknown"}, "sync-tables"))
    assert "no keyspace 'unknown'" in line
    assert "unknown" not in {row.keyspace_name for row in session.execute("SELECT * FROM system_schema.keyspaces")}


FILES = {
    "missing": (None, "No such file or directory"),
    "empty": (b"", "not a zip file"),
    "broken": (b"PK\x03\x04 and no more", "not a zip file"),
    "a folder": (None, "Is a directory"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_bundle_that_cannot_be_read(kind: str, astra: Astra, tmp_path: Path) -> None:
    content, told = FILES[kind]
    file = tmp_path / "bundle.zip"
    if content is not None:
        file.write_bytes(content)
    elif kind == "a folder":
        file.mkdir()
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "ASTRA_DB_SECURE_BUNDLE_PATH" in line
    assert told in line


def test_a_bundle_without_its_configuration(astra: Astra, tmp_path: Path) -> None:
    file = zipped(tmp_path / "bundle.zip", {"ca.crt": astra.behind.authority.file.read_text()})
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "ASTRA_DB_SECURE_BUNDLE_PATH" in line
    assert "no config.json in it" in line


def test_a_bundle_of_another_database(astra: Astra) -> None:
    stranger = astra.behind.stranger
    file = astra.bundle("foreign", authority=stranger, client=stranger.issue("client"))
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "ASTRA_DB_SECURE_BUNDLE_PATH" in line
    assert "do not fit" in line
    assert "certificate verify failed" in line


def test_a_bundle_whose_certificate_has_expired(astra: Astra) -> None:
    file = astra.bundle("expired", client=astra.behind.authority.issue("client", days=-1))
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "ASTRA_DB_SECURE_BUNDLE_PATH" in line
    assert "expired" in line


def test_a_bundle_whose_certificate_another_authority_signed(astra: Astra) -> None:
    file = astra.bundle("half", client=astra.behind.stranger.issue("half"))
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "unknown ca" in line


@pytest.mark.parametrize(("service", "told"), [
    ("nowhere", "Connection refused"), ("asleep", "answers 503"), ("strange", "does not say where the nodes are")])
def test_a_metadata_service_that_is_away(service: str, told: str, astra: Astra) -> None:
    file = astra.bundle(service, service=service)
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "the metadata service at 127.0.0.82" in line
    assert told in line


def test_a_metadata_service_whose_certificate_names_another(astra: Astra) -> None:
    file = astra.bundle("elsewhere", host=UNNAMED)
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "certificate is not valid for '127.0.0.83'" in line


def test_a_proxy_whose_certificate_names_another(astra: Astra) -> None:
    file = astra.bundle("disguised", service="disguised")
    line = one_line(call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": str(file)}, "sync-tables"))
    assert "the certificate is not valid for 127.0.0.83" in line


def test_a_wrong_secret(astra: Astra) -> None:
    environment = {**astra.environment, "ASTRA_DB_CLIENT_SECRET": "AstraCS:another"}
    for arguments in (("sync-tables",), ("migrate", "up"), ("repair", "--check")):
        line = one_line(call(environment, *arguments))
        assert "ASTRA_DB_CLIENT_SECRET" in line
        assert "refuses the login" in line
        assert "AstraCS" not in line


@pytest.mark.parametrize("wrong", [
    {"ASTRA_DB_CLIENT_SECRET": "another"}, {"ASTRA_DB_KEYSPACE": "unknown"},
    {"ASTRA_DB_SECURE_BUNDLE_PATH": "nowhere.zip"}])
def test_the_service_ends_at_once(wrong: dict[str, str], astra: Astra) -> None:
    # It would wait for a database that is away for a minute, longer than `boot` waits for it.
    line = one_line(boot({**astra.environment, **wrong}))
    assert next(iter(wrong)) in line
    assert "another" not in line


def test_run_starts_no_node_of_its_own(astra: Astra, tmp_path: Path) -> None:
    done = call({**astra.environment, "ASTRA_DB_CLIENT_SECRET": "another", "TASKAPP_DATA_DIR": str(tmp_path / "data"),
                 "PORT": str(ports.find_free("127.0.0.1"))}, "run")
    assert done.returncode == 1
    assert "refuses the login" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_run_tells_a_bad_bundle_before_it_starts_anything(astra: Astra) -> None:
    done = call({**astra.environment, "ASTRA_DB_SECURE_BUNDLE_PATH": "nowhere.zip"}, "run")
    assert one_line(done).startswith("Error: ASTRA_DB_SECURE_BUNDLE_PATH: nowhere.zip: No such file")
    assert done.stdout == ""
