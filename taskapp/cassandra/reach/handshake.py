"""Why a server hung up after a TLS handshake."""

import re
import socket
import ssl

_HUNG_UP = re.compile(r"EOF|reset|closed|shut|broken pipe", re.IGNORECASE)


def hung_up(text: str) -> bool:
    """Return whether an error's text says that the peer closed a connection without a reason."""
    return bool(_HUNG_UP.search(text))


def last_word(host: str, port: int, context: ssl.SSLContext, name: str) -> Exception | None:
    """Complete a handshake, send nothing, and listen for a second; return what went wrong, if the server says so.

    In TLS 1.3 a server rejects a client's certificate when the client already considers the handshake complete. A
    client that sends at once may find the connection closed and not see why; on a busy machine, fifteen retries in a
    minute did not.

    :param name: the server name to send
    """
    try:
        with socket.create_connection((host, port), timeout=5) as plain, \
                context.wrap_socket(plain, server_hostname=name) as secure:
            secure.settimeout(1)
            secure.recv(1)
    except TimeoutError:
        return None
    except OSError as error:
        return error
    return None
