"""Connections through Astra's proxy: the server name says which node is meant, the certificate is the proxy's."""

import ssl
from collections.abc import Mapping
from typing import Any

from taskapp.cassandra.reach.node_connection import NodeConnection


class ProxyConnection(NodeConnection):
    """A connection whose certificate must name the proxy.

    Python compares certificates with the server name that is sent, here the id of a node, which no certificate names;
    so that check is off for these connections, and this one takes its place. The driver has none for bundles.
    """

    _check_hostname = True

    def _validate_hostname(self) -> None:
        proxy = self.endpoint.address
        if not names(self._socket.getpeercert(), proxy):
            raise ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                                                  f"the certificate is not valid for {proxy}")


def names(certificate: Mapping[str, Any], host: str) -> bool:
    """Tell whether a certificate, as ``getpeercert`` returns it, is for a host name or IP address.

    As RFC 6125 has it: alternative names only, a star for exactly the first label.
    """
    wanted = host.lower().rstrip(".")
    accepted = {wanted, f"*.{wanted.partition('.')[2]}"}
    for kind, value in certificate.get("subjectAltName", ()):
        if (kind == "DNS" and value.lower() in accepted) or (kind == "IP Address" and value.lower() == wanted):
            return True
    return False
