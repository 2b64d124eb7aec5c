"""Connection failures that waiting does not fix: the database is there, but does not let this process in.

They are reported at once as wrong settings, naming those to check.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from cassandra import Unauthorized

from taskapp.cassandra.reach.node_connection import LoginRefused
from taskapp.settings import BadSettings, Settings

_TLS = re.compile(r"\[SSL: ?(\w+)\] ?(.*?)(?:\.? \(_ssl\.c:\d+\)|$)")
# A peer that hangs up midway may be shutting down, or be a proxy whose node is down.
_AWAY = {"UNEXPECTED_EOF_WHILE_READING"}
# What a node answers to a login while it cannot read its roles, since a replica of them is down.
_CANNOT_TELL = "Unable to perform authentication"


def refusal(settings: Settings, where: str, errors: list[Exception]) -> BadSettings | None:
    """Return the failure that is the settings' fault, if there is one.

    :param where: the cluster's name, for the message
    :param errors: what each node said
    """
    for error in errors:
        if isinstance(error, LoginRefused) and _CANNOT_TELL not in str(error):
            return BadSettings(f"{_login(settings)}: {where} refuses the login: {_said(error)}")
        if reason := refused_tls(str(error)):
            return BadSettings(f"{_certificates(settings)}: no secure connection to {where}: {reason}")
    return None


def refused_tls(text: str) -> str:
    """Find in an error's text why a TLS handshake failed for good; empty if it did not, or may succeed later."""
    found = _TLS.search(text)
    return "" if found is None or found[1] in _AWAY else found[2]


@contextmanager
def permitted(settings: Settings) -> Iterator[None]:
    """Report a role that lacks a permission as a wrong setting.

    :raise BadSettings: says which permission is missing, and what to do
    """
    try:
        yield
    except Unauthorized as error:
        raise BadSettings(f"{_login(settings)}: {_said(error)}. Let a role that may change tables run "
                          "`taskapp sync-tables`, and the service with TASKAPP_SYNC_ON_BOOT=false and "
                          "SELECT and MODIFY on the keyspace") from error


def _login(settings: Settings) -> str:
    return "ASTRA_DB_CLIENT_ID, ASTRA_DB_CLIENT_SECRET" if settings.astra else \
        "TASKAPP_CASSANDRA_USERNAME, TASKAPP_CASSANDRA_PASSWORD"


def _certificates(settings: Settings) -> str:
    return "ASTRA_DB_SECURE_BUNDLE_PATH" if settings.astra else \
        "TASKAPP_CASSANDRA_TLS, TASKAPP_CASSANDRA_CA_FILE, TASKAPP_CASSANDRA_CERT_FILE"


def _said(error: Exception) -> str:
    """Extract the server's own words from the driver's."""
    found = re.search(r'message="([^"]*)"', str(error))
    return found[1] if found else str(error)
