"""Connections through Astra's proxy: the server name selects the node, the certificate is the proxy's."""

import ssl
from collections.abc import Mapping
from typing import Any

from taskapp.cassandra.reach.node_connection import NodeConnection


class ProxyConnection(NodeConnection):
    """A connection whose certificate must name the proxy.

    Python checks certificates against the server name that is sent, here the id of a node, which no certificate names;
    so that check is off for these connections, and this one replaces it. The driver has none for bundles.
    """

    _check_hostname = True

    def _validate_hostname(self) -> None:
        proxy = self.endpoint.address
        if not names(self._socket.getpeercert(), proxy):
            raise ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                                                  f"the certificate is not valid for {proxy}")


def names(certificate: Mapping[str, Any], host: str) -> bool:
    """Return whether a certificate, as ``getpeercert`` returns it, is valid for a host name or IP address.

    As in RFC 6125: only alternative names count, and a wildcard stands for exactly the first label.
    """
    wanted = host.lower().rstrip(".")
    accepted = {wanted, f"*.{wanted.partition('.')[2]}"}
    for kind, value in certificate.get("subjectAltName", ()):
        if (kind == "DNS" and value.lower() in accepted) or (kind == "IP Address" and value.lower() == wanted):
            return True
    return False
