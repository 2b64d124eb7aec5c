"""TLS and logins to a plain cluster: what is checked, what a role needs, and what each refusal says.

The roles are those of `deploy/roles.cql`, made by running that file.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3
from cassandra import Unauthorized
from cassandra.query import SimpleStatement

from tests.fixtures.client import Client
from tests.fixtures.command import well
from tests.fixtures.forward import NewForward
from tests.fixtures.secured import PROXY, NewSecured, Secured, boot, call, one_line, serve
from tests.fixtures.service import ROOT, Service, until

ROLES = ROOT / "deploy" / "roles.cql"
PASSWORDS = {"taskapp": "pass-of-the-service", "taskapp_owner": "pass-of-the-owner"}
# An address that the node's certificate does not name.
UNNAMED = "127.0.0.83"


@pytest.fixture(scope="module")
def secured(new_secured: NewSecured) -> Secured:
    """A node with the documented roles, and without tables."""
    made = new_secured()
    text = "\n".join(line.partition("--")[0] for line in ROLES.read_text().splitlines())
    for role, password in PASSWORDS.items():
        text = text.replace(f"ROLE {role} WITH LOGIN = true AND PASSWORD = 'change me'",
                            f"ROLE {role} WITH LOGIN = true AND PASSWORD = '{password}'")
    assert "change me" not in text
    for statement in filter(str.strip, text.replace("'dc1': 3", "'datacenter1': 1").split(";")):
        made.superuser.execute(statement)
    return made


@pytest.fixture(scope="module")
def settings(secured: Secured) -> Callable[..., dict[str, str]]:
    """The settings of a role."""
    def make(role: str = "taskapp", **changed: str) -> dict[str, str]:
        return {**secured.environment, "TASKAPP_CASSANDRA_USERNAME": role,
                "TASKAPP_CASSANDRA_PASSWORD": PASSWORDS[role], **changed}

    return make


# -- Roles

def test_the_owner_makes_the_tables_and_the_service_works_on_them(settings: Any, secured: Secured,
                                                                  tmp_path: Path) -> None:
    # Where there is no table yet, the service's role says what it lacks, and ends.
    line = one_line(boot(settings()))
    assert "TASKAPP_CASSANDRA_USERNAME" in line
    assert "no CREATE permission" in line
    assert "TASKAPP_SYNC_ON_BOOT=false" in line
    assert "no CREATE permission" in one_line(call(settings(), "sync-tables"))

    # A busy machine may find a statement slow, and say so.
    done = call(settings("taskapp_owner", TASKAPP_SLOW_QUERY_MS="60000"), "sync-tables", "--json")
    assert well(done)["statements"] != []
    assert done.stderr == ""
    with serve(settings(TASKAPP_SYNC_ON_BOOT="false"), tmp_path) as service:
        client = Client(service.url)
        task = client.make("over TLS", labels=["a"])
        changed = client.patch(f"/tasks/{task['task_id']}", json={"priority": 1}, headers={"If-Match": '"1"'}).ok()
        assert client.get("/tasks/", status="pending").ok()[0] == changed
        client.delete(f"/tasks/{task['task_id']}", permanent="true").ok()
        log = service.log()
    assert [word for word in PASSWORDS.values() if word in log] == []
    # As the tables are right, the service's role may also start with the sync on, and repair.
    with serve(settings(), tmp_path) as service:
        assert Client(service.url).get("/health/ready").status == 200
    assert call(settings(), "repair", "--check").returncode == 0


def test_the_service_s_role_can_change_no_table(secured: Secured) -> None:
    session = secured.log_in("taskapp", PASSWORDS["taskapp"])
    for text in ("CREATE TABLE taskapp.more (k int PRIMARY KEY)", "DROP TABLE taskapp.tasks", "DROP KEYSPACE taskapp",
                 "ALTER TABLE taskapp.tasks ADD more int", "DROP INDEX taskapp.tasks_by_due_marks",
                 "CREATE KEYSPACE more WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}",
                 "CREATE ROLE more WITH LOGIN = true", "SELECT * FROM system_auth.roles"):
        with pytest.raises(Unauthorized):
            session.execute(SimpleStatement(text))


def test_the_owner_s_role_can_make_no_keyspace_and_no_role(secured: Secured) -> None:
    session = secured.log_in("taskapp_owner", PASSWORDS["taskapp_owner"])
    for text in ("CREATE ROLE more WITH LOGIN = true", "SELECT * FROM system_auth.roles",
                 "CREATE KEYSPACE more WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"):
        with pytest.raises(Unauthorized):
            session.execute(SimpleStatement(text))


def test_a_keyspace_that_is_not_there_is_made_by_those_who_may(settings: Any) -> None:
    line = one_line(call(settings("taskapp_owner", TASKAPP_CASSANDRA_KEYSPACE="unknown"), "sync-tables"))
    assert "no CREATE permission on <all keyspaces>" in line


# -- Logins

def test_a_wrong_password_ends_the_service_at_once(settings: Any) -> None:
    for wrong in ({"TASKAPP_CASSANDRA_PASSWORD": "guessed"}, {"TASKAPP_CASSANDRA_USERNAME": "nobody"}):
        line = one_line(boot(settings(**wrong)))
        assert "TASKAPP_CASSANDRA_PASSWORD" in line
        assert "refuses the login" in line
        assert "guessed" not in line
    assert "refuses the login" in one_line(call(settings(TASKAPP_CASSANDRA_PASSWORD="guessed"), "repair", "--check"))


def test_a_worker_waits_until_its_role_may_log_in_again(settings: Any, secured: Secured, tmp_path: Path) -> None:
    with serve(settings(TASKAPP_SYNC_ON_BOOT="false"), tmp_path) as service:
        client = Client(service.url)
        secured.superuser.execute("ALTER ROLE taskapp WITH LOGIN = false")
        try:
            # Another worker takes the place of one that died, and cannot log in once the node has seen the change.
            until(lambda: "refuses the login" in service.log() or _replace_worker(service), 40, service.story)
            until(lambda: _answers(service), 10, "no worker answers")
            client.get("/health/ready").problem(503, "unavailable")
        finally:
            secured.superuser.execute("ALTER ROLE taskapp WITH LOGIN = true")
        until(lambda: client.get("/health/ready").status == 200, 20, service.story)


def _replace_worker(service: Service) -> None:
    until(lambda: _answers(service), 10, "no worker answers")
    for worker in psutil.Process(service.pid).children():
        worker.kill()


def _answers(service: Service) -> bool:
    try:
        return urllib3.request("GET", f"{service.url}/health/live", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def test_a_login_refused_for_a_while_is_tried_again(settings: Any, secured: Secured, new_forward: NewForward,
                                                    tmp_path: Path) -> None:
    forward = new_forward(PROXY, secured)
    with serve(settings(TASKAPP_SYNC_ON_BOOT="false", **forward.environment), tmp_path) as service:
        client = Client(service.url)
        secured.superuser.execute("ALTER ROLE taskapp WITH LOGIN = false")
        try:
            until(lambda: not secured.accepts("taskapp", PASSWORDS["taskapp"]), 10, "the role can still log in")
            forward.stop()
            until(lambda: client.get("/health/ready").status == 503, 20, "the connection is still there")
            forward.start()
            until(lambda: forward.tried() > 3, 30, "the service does not try to connect")
        finally:
            secured.superuser.execute("ALTER ROLE taskapp WITH LOGIN = true")
        until(lambda: client.get("/health/ready").status == 200, 30, service.story)


def test_a_missing_login_is_told(secured: Secured) -> None:
    line = one_line(boot(secured.environment))
    assert "TASKAPP_CASSANDRA_USERNAME" in line
    assert "requires authentication" in line


def test_token_mode_refuses_the_login_that_everybody_knows(secured: Secured) -> None:
    known = {**secured.environment, "TASKAPP_CASSANDRA_USERNAME": "cassandra",
             "TASKAPP_CASSANDRA_PASSWORD": "cassandra", "TASKAPP_AUTH": "token"}
    assert "cassandra/cassandra" in one_line(boot(known))
    assert "cassandra/cassandra" in one_line(call(known, "sync-tables"))


# -- Certificates

def test_a_node_whose_certificate_names_another_address(settings: Any, secured: Secured,
                                                        new_forward: NewForward) -> None:
    line = one_line(boot(settings(**new_forward(UNNAMED, secured).environment)))
    assert "TASKAPP_CASSANDRA_TLS" in line
    assert "IP address mismatch, certificate is not valid for '127.0.0.83'" in line


def test_a_node_whose_certificate_has_expired(settings: Any, secured: Secured, new_forward: NewForward) -> None:
    expired = secured.authority.issue(PROXY, days=-1)
    shown = new_forward(PROXY, secured, expired)
    assert "certificate has expired" in one_line(boot(settings(**shown.environment)))


def test_a_node_that_another_authority_signed(settings: Any, secured: Secured) -> None:
    line = one_line(boot(settings(TASKAPP_CASSANDRA_CA_FILE=str(secured.stranger.file))))
    assert "TASKAPP_CASSANDRA_CA_FILE" in line
    assert "certificate verify failed" in line


def test_a_client_that_another_authority_signed(settings: Any, secured: Secured) -> None:
    foreign = secured.stranger.issue("client")
    line = one_line(boot(settings(TASKAPP_CASSANDRA_CERT_FILE=str(foreign.file),
                                  TASKAPP_CASSANDRA_KEY_FILE=str(foreign.key))))
    assert "TASKAPP_CASSANDRA_CERT_FILE" in line


def test_a_client_whose_certificate_has_expired(settings: Any, secured: Secured) -> None:
    expired = secured.authority.issue("client", days=-1)
    line = one_line(boot(settings(TASKAPP_CASSANDRA_CERT_FILE=str(expired.file),
                                  TASKAPP_CASSANDRA_KEY_FILE=str(expired.key))))
    assert "TASKAPP_CASSANDRA_CERT_FILE" in line


def test_a_client_without_a_certificate(settings: Any) -> None:
    line = one_line(boot(settings(TASKAPP_CASSANDRA_CERT_FILE="", TASKAPP_CASSANDRA_KEY_FILE="")))
    assert "TASKAPP_CASSANDRA_CERT_FILE" in line


def test_tls_to_a_node_that_has_none(cassandra: Any, settings: Any) -> None:
    line = one_line(call(settings(**cassandra.environment), "sync-tables"))
    assert "TASKAPP_CASSANDRA_TLS" in line


@pytest.mark.parametrize(("name", "content", "told"), [
    ("TASKAPP_CASSANDRA_CA_FILE", None, "No such file"), ("TASKAPP_CASSANDRA_CA_FILE", "", "not a PEM file"),
    ("TASKAPP_CASSANDRA_CERT_FILE", None, "No such file"), ("TASKAPP_CASSANDRA_CERT_FILE", "?", "not a PEM file"),
    ("TASKAPP_CASSANDRA_KEY_FILE", "?", "not a PEM file")])
def test_a_file_that_cannot_be_used(name: str, content: str | None, told: str, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_text(content)
    line = one_line(call(settings(**{name: str(file)}), "sync-tables"))
    assert name in line
    assert told in line


def test_a_key_of_another_certificate(settings: Any, secured: Secured) -> None:
    other = secured.authority.issue("other")
    line = one_line(call(settings(TASKAPP_CASSANDRA_KEY_FILE=str(other.key)), "sync-tables"))
    assert "the key is not that of the certificate" in line
