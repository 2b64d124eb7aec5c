"""Which failures to connect are the settings' fault, and which may pass."""

import pytest
from cassandra import Unauthorized

from taskapp.cassandra.reach.node_connection import LoginRefused
from taskapp.cassandra.reach.refusals import permitted, refusal, refused_tls
from taskapp.settings import BadSettings, Settings

MISMATCH = ("Tried connecting to [('10.0.0.1', 9042)]. Last error: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
            "failed: IP address mismatch, certificate is not valid for '10.0.0.1'. (_ssl.c:1016)")
BAD = LoginRefused('Failed to authenticate to 10.0.0.1: Error from server: code=0100 [Bad credentials] '
                           'message="Provided username x and/or password are incorrect"')
AWAY = LoginRefused('Error from server: code=0100 [Bad credentials] message="Unable to perform authentication: '
                            'Cannot achieve consistency level LOCAL_ONE"')


def test_the_reason_is_taken_out_of_the_text() -> None:
    assert refused_tls(MISMATCH).endswith("IP address mismatch, certificate is not valid for '10.0.0.1'")
    assert refused_tls("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)") \
        == "tlsv13 alert certificate required"


@pytest.mark.parametrize("text", [
    "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1016)",
    "[Errno 111] Tried connecting to [('10.0.0.1', 9042)]. Last error: Connection refused", "timed out", ""])
def test_one_that_is_away_may_come_back(text: str) -> None:
    assert refused_tls(text) == ""
    assert refusal(Settings(), "here", [OSError(text)]) is None


def test_one_refusal_among_nodes_that_are_away_is_told() -> None:
    found = refusal(Settings(), "here", [OSError("timed out"), BAD])
    assert str(found) == ("TASKAPP_CASSANDRA_USERNAME, TASKAPP_CASSANDRA_PASSWORD: here refuses the login: "
                          "Provided username x and/or password are incorrect")


def test_a_node_that_cannot_read_its_roles_is_no_refusal() -> None:
    assert refusal(Settings(), "here", [AWAY]) is None


def test_the_variables_are_those_of_the_place() -> None:
    astra = Settings(astra_db_client_id="token")
    assert str(refusal(astra, "here", [BAD])).startswith("ASTRA_DB_CLIENT_ID, ASTRA_DB_CLIENT_SECRET: ")
    assert str(refusal(astra, "here", [OSError(MISMATCH)])).startswith("ASTRA_DB_SECURE_BUNDLE_PATH: ")


def test_a_permission_that_is_missing_says_the_way_out() -> None:
    with pytest.raises(BadSettings, match=r"no CREATE permission on x. .*TASKAPP_SYNC_ON_BOOT=false"), \
            permitted(Settings()):
        raise Unauthorized('code=2100 [Unauthorized] message="User a has no CREATE permission on x"')
