"""TCP ports: is one free, and does Cassandra answer on one?"""

import errno
import socket

from taskapp.localnode.errors import NodeError

# A native protocol frame, version 4: OPTIONS (5), no body. The response's opcode is SUPPORTED (6).
_OPTIONS = bytes((4, 0, 0, 0, 5, 0, 0, 0, 0))
_SUPPORTED = 6


def check_free(address: str, port: int, setting: str, or_else: str = "") -> None:
    """Raise unless a port can be listened on.

    :raise NodeError: says what to do; ``setting`` is the variable that changes the port, ``or_else`` an alternative.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((address, port))
            server.listen(1)
        except OSError as error:
            raise NodeError(_reason(error, address, port, setting, or_else)) from error


def _reason(error: OSError, address: str, port: int, setting: str, or_else: str) -> str:
    if error.errno == errno.EADDRINUSE:
        hint = f" by a Cassandra (TASKAPP_CASSANDRA_CONTACT_POINTS={address} uses it)"
        known = hint if answers_cql(address, port) else ""
        return (f"Port {port} of {address} is in use{known}; set {setting} to another port{or_else}, "
                "or end what listens there")
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{address} is no address of this machine (on macOS: sudo ifconfig lo0 alias {address})"
    return f"Cannot listen on port {port} of {address}: {error.strerror}"


def find_free(address: str) -> int:
    """Return a port that is free now."""
    with socket.socket() as server:
        server.bind((address, 0))
        return int(server.getsockname()[1])


def accepts(address: str, port: int) -> bool:
    """Return whether anything accepts connections on a port."""
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


def answers_cql(address: str, port: int) -> bool:
    """Return whether a node answers CQL, without TLS, on a port."""
    try:
        with socket.create_connection((address, port), timeout=2) as client:
            client.sendall(_OPTIONS)
            head = client.recv(9, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(head) == 9 and head[0] == 0x84 and head[4] == _SUPPORTED
