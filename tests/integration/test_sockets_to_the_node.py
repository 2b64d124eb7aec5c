"""The driver's sockets wait for nothing: a large statement is written in pieces, each sent as soon as it is there.

Without TCP_NODELAY a statement of more than 4 KiB takes 40 ms longer, the node's delayed acknowledgement.
"""

import socket
from typing import Any


def test_every_socket_to_the_node_sends_at_once(session: Any) -> None:
    holders = session.cluster.get_connection_holders()
    sockets = [connection._socket for holder in holders for connection in holder.get_connections()]
    # The pool's, and that of the control connection.
    assert len(sockets) > 1
    assert [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in sockets] == [1] * len(sockets)
