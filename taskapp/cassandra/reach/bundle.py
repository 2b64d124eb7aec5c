"""Astra's Secure Connect Bundle: a zip file that says how to reach the database, with its certificates.

It names a metadata service, which is queried over mutual TLS and returns the nodes: one address at which all of them
are reached (a proxy), and for each an id, which is sent as the server name of its TLS connection.
The driver reads bundles too (`cassandra/datastax/cloud`), but unpacks them beside the file, logs a stack trace when the
service is down, does not verify host names, and does not report the local data centre.
"""

import json
import ssl
import tempfile
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.cassandra.reach.credentials import load_client, why
from taskapp.cassandra.reach.handshake import hung_up, last_word
from taskapp.cassandra.reach.refusals import refused_tls
from taskapp.settings import BadSettings

VARIABLE = "ASTRA_DB_SECURE_BUNDLE_PATH"
_MEMBERS = ("config.json", "ca.crt", "cert", "key")
# The most bytes to read of a member, or of the service's answer; a bundle is a few kB.
_MOST = 1024 * 1024
_TIMEOUT = 5.0


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds: where the metadata service is, and three PEM texts."""

    host: str
    port: int
    authority: str
    certificate: str
    key: str = field(repr=False)

    def context(self) -> ssl.SSLContext:
        """Make a context that presents the client's certificate, and verifies those of servers and their host names.

        :raise BadSettings: the certificates cannot be used
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cadata=self.authority)
        except (ssl.SSLError, ValueError, TypeError) as error:
            raise BadSettings(f"{VARIABLE}: ca.crt: {why(error)}") from error
        # Python reads these two only from files; only their owner may read the folder, which is removed at once.
        with tempfile.TemporaryDirectory(prefix="taskapp-") as folder:
            certificate, key = Path(folder, "cert"), Path(folder, "key")
            certificate.write_text(self.certificate)
            key.write_text(self.key)
            load_client(context, str(certificate), str(key), f"{VARIABLE}: cert and key")
        return context


@dataclass(frozen=True)
class Nodes:
    """Where the nodes are: the proxy, the id of each contact point, and their data centre."""

    proxy: str
    port: int
    host_ids: tuple[str, ...]
    local_dc: str


def read(path: str) -> Bundle:
    """Read a bundle.

    :raise BadSettings: it cannot be read, or lacks something
    """
    try:
        with ZipFile(path) as archive:
            config, *texts = [_member(archive, name) for name in _MEMBERS]
    except OSError as error:
        raise BadSettings(f"{VARIABLE}: {path}: {error.strerror or error}") from error
    # RuntimeError: it needs a password; NotImplementedError: an unknown compression method
    except (BadZipFile, RuntimeError, NotImplementedError, UnicodeDecodeError) as error:
        raise BadSettings(f"{VARIABLE}: {path}: not a zip file that can be read ({error})") from error
    try:
        where = json.loads(config)
        return Bundle(str(where["host"]), int(where["port"]), *texts)
    except (ValueError, TypeError, KeyError) as error:
        raise BadSettings(f"{VARIABLE}: {path}: config.json does not name a host and a port") from error


def _member(archive: ZipFile, name: str) -> str:
    if name not in archive.namelist():
        raise BadSettings(f"{VARIABLE}: {archive.filename}: no {name} in it")
    with archive.open(name) as file:
        return file.read(_MOST).decode()


def ask(bundle: Bundle) -> Nodes:
    """Ask the metadata service where the nodes are.

    :raise BadSettings: it is another database's, or rejects the bundle's certificate
    :raise DatabaseUnavailable: it does not answer, or not with the nodes
    """
    where = f"the metadata service at {bundle.host}:{bundle.port}"
    connection = HTTPSConnection(bundle.host, bundle.port, context=bundle.context(), timeout=_TIMEOUT)
    try:
        connection.request("GET", "/metadata")
        answer = connection.getresponse()
        text = answer.read(_MOST)
    except (OSError, HTTPException, UnicodeError) as error:
        if reason := refused_tls(str(error)) or refused_tls(_last_word(bundle, error)):
            raise BadSettings(f"{VARIABLE}: {where} and the bundle do not fit: {reason}") from error
        raise DatabaseUnavailable(f"{where} does not answer: {_brief(error)}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise DatabaseUnavailable(f"{where} answers {answer.status}; is the database active?")
    try:
        return _nodes(json.loads(text)["contact_info"])
    except (ValueError, KeyError, TypeError) as error:
        raise DatabaseUnavailable(f"{where} does not say where the nodes are") from error


def _nodes(contact: Any) -> Nodes:
    proxy, _, port = contact["sni_proxy_address"].rpartition(":")
    return Nodes(proxy, int(port), tuple(map(str, contact["contact_points"])), str(contact["local_dc"]))


def _last_word(bundle: Bundle, error: Exception) -> str:
    return str(hung_up(str(error)) and last_word(bundle.host, bundle.port, bundle.context(), bundle.host))


def _brief(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
