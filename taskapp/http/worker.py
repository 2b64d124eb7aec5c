"""gunicorn's threaded worker with four changes; all use of gunicorn's internals is confined to this module.

A thread gets a request once all of it has arrived: the main thread receives, so a client that is slow, or sends
nothing, takes up a connection but no thread. A thread stays with a connection whose next request follows at once.
Workers leave each other their share of connections. gunicorn's own error answers are problems, too.
"""

import errno
import select
import selectors
import socket
import struct
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn import util
from gunicorn.http import get_parser
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.http.arrival import MAX_HEAD, Arrival, Stage
from taskapp.http.balance import Held
from taskapp.kit.clock import new_id
from taskapp.kit.problem import MEDIA_TYPE, Problem

_CODES = {408: "request_timeout", 414: "uri_too_long", 417: "expectation_failed", 431: "headers_too_large",
          500: "internal_error", 501: "not_implemented"}
# Seconds that a client may pause while receiving an answer; a thread waits for it.
PAUSE = struct.pack("ll", 10, 0)
# Timeouts in seconds: for a request's head, for the whole request, and for a client to notice its connection's end.
HEAD_SECONDS, REQUEST_SECONDS, END_SECONDS = 10.0, 30.0, 10.0
# Interval between checks for expired connections.
LOOK_SECONDS = 0.5
# Maximum bytes: to receive at once; that an ended connection may still send (if they were left unread, the client might
# lose the answer); and that all incomplete requests of a worker may hold together.
RECEIVE, MAX_AFTER_END, MAX_ARRIVED = 65_536, 16 * 1024**2, 64 * 1024**2
# Milliseconds that a thread no other connection needs waits for the next request of its connection. Handing the
# connection back to the main thread and getting it again takes a third of a worker's time with the GIL
# (`py-spy record --gil`, GET one task): with this, 16 clients get 1.3 times as many answers.
LINGER_MS = 10
# Created in the master, before it forks.
held = Held()
_TO_ANSWER = (Stage.WHOLE, Stage.ENOUGH)
# The process, or the machine, is out of file descriptors.
_FULL = (errno.EMFILE, errno.ENFILE)


def write_problem(sock: Any, status: int, reason: str, message: str) -> None:
    """Write a problem in answer to a request that could not be read."""
    problem = Problem(_CODES.get(status, "bad_request"), f"The request cannot be read: {reason}.")
    request_id = new_id().hex
    body = orjson.dumps({**problem.body(request_id), "status": status, "title": HTTPStatus(status).phrase})
    head = (f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"X-Request-ID: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n")
    util.write_nonblock(sock, head.encode() + body)


class Connection(TConn):
    """A connection and what has arrived on it.

    The main thread owns it while it waits, a pool thread while a request is being answered; never both.
    """

    def __init__(self, cfg: Any, sock: Any, client: Any, server: Any, max_body: int) -> None:
        super().__init__(cfg, sock, client, server)
        # Sending waits for the client, up to PAUSE; receiving never blocks (`receive`).
        sock.setblocking(True)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, PAUSE)
        # gunicorn has no setup left to do before the first request, and no data to wait for.
        self.initialized = self.data_ready = True
        self.arrival, self.whole = Arrival(max_body), True
        self.ended = self.closing = False
        self.begun: float | None = None
        self.idle_seconds, self.after_end = HEAD_SECONDS, 0

    @property
    def idle(self) -> bool:
        """Whether it can be closed without losing anything."""
        return self.closing or not self.arrival

    def receive(self) -> bytes | None:
        """Return what the system has received, without blocking: None if nothing, empty bytes at the end."""
        try:
            received: bytes = self.sock.recv(RECEIVE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return b""
        return received

    def hear(self) -> Stage:
        """Receive, and return the stage of the next request."""
        received = self.receive()
        if received:
            return self.arrival.add(received)
        self.ended = received is not None
        # A truncated request is refused rather than dropped.
        return Stage.ENOUGH if self.ended and self.arrival else self.arrival.stage

    def take(self) -> None:
        """Give gunicorn's parser the next request, and not a byte more."""
        request, self.whole = self.arrival.take()
        self.parser = get_parser(self.cfg, [request], self.client)
        self.begun, self.idle_seconds = None, float(self.cfg.keepalive)

    def set_deadline(self) -> None:
        """Set the deadline until which it may wait."""
        now = time.monotonic()
        if not self.arrival:
            self.timeout = now + self.idle_seconds
        else:
            self.begun = self.begun or now
            self.timeout = self.begun + (HEAD_SECONDS if self.arrival.stage is Stage.HEAD else REQUEST_SECONDS)


class Worker(ThreadWorker):
    """The threaded worker, with threads that do not wait for slow requests."""

    # Bytes; set once the settings are known.
    max_body = 1024**2
    _accepting, _connections = False, 0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # In the order in which they started to wait.
        self._waiting: dict[Connection, None] = {}
        self._look_again = 0.0

    def init_process(self) -> None:
        """Replace the one function that answers gunicorn's own errors; there is no setting for it."""
        util.write_error = write_problem
        # A client that pauses too long is not our fault and needs no traceback in the log; nor does a database that
        # went away while an answer was being written (`http/streaming.py` logs it).
        self.log.error_log.addFilter(lambda record: not (record.exc_info and isinstance(
            record.exc_info[1], BlockingIOError | DatabaseUnavailable)))
        super().init_process()

    @property
    def nr_conns(self) -> int:
        """How many connections it holds; gunicorn keeps its count here."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._connections = count
        self._tell()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Start or stop accepting connections."""
        super().set_accept_enabled(enabled)
        self._tell()

    def _tell(self) -> None:
        if self._accepting:
            held.tell(self.age, self._connections)
        else:
            held.forget(self.age)

    # -- The main thread: waiting connections

    def accept(self, listener: Any) -> None:
        """Accept a connection, unless a worker with fewer takes it first."""
        held.give_way(self.age)
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in _FULL:
                self._let_one_go()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._let_one_go()
        self._hear(Connection(self.cfg, sock, client, listener.getsockname(), self.max_body))

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Keep a connection whose request was answered, or end it."""
        try:
            kept = not fs.cancelled() and fs.result()
        except Exception:
            self.log.exception("a connection failed")
            kept = False
        if not kept:
            self._end(conn)
            return
        if not self.alive:
            conn.idle_seconds = STOP_KEEPALIVE_LINGER
        self._go_on(conn, conn.arrival.stage)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close idle connections past their deadline and refuse overdue requests; ``force`` closes all that wait."""
        now = time.monotonic()
        if now < self._look_again and not force:
            return
        self._look_again = now + LOOK_SECONDS
        for conn in [each for each in self._waiting if force or each.timeout <= now]:
            if force or conn.idle:
                self._drop(conn)
            else:
                self._refuse(conn, 408, "it did not arrive in time")

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self._waiting:
            if conn.idle:
                conn.timeout = min(conn.timeout, deadline)

    def _hear(self, conn: Connection) -> None:
        if conn.closing:
            self._discard(conn)
        else:
            self._go_on(conn, conn.hear())

    def _go_on(self, conn: Connection, stage: Stage) -> None:
        if stage in _TO_ANSWER:
            self._stop_waiting(conn)
            self.enqueue_req(conn)
        elif conn.ended:
            self._drop(conn)
        elif stage is Stage.HEAD_TOO_LARGE:
            self._refuse(conn, 431, f"its head has more than {MAX_HEAD} bytes")
        else:
            if conn.arrival.must_continue():
                with suppress(OSError):
                    conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n", socket.MSG_DONTWAIT)
            conn.set_deadline()
            self._wait(conn)
            if len(conn.arrival) > RECEIVE:
                self._bound_what_arrived()

    def _wait(self, conn: Connection) -> None:
        if conn not in self._waiting:
            self._waiting[conn] = None
            self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._hear(conn))

    def _stop_waiting(self, conn: Connection) -> None:
        if conn in self._waiting:
            del self._waiting[conn]
            self.poller.unregister(conn.sock)

    def _bound_what_arrived(self) -> None:
        if sum(len(each.arrival) for each in self._waiting) > MAX_ARRIVED:
            # The request that began first is the slowest.
            self._refuse(min((each for each in self._waiting if not each.idle), key=lambda each: each.begun or 0.0),
                         408, "it did not arrive in time")

    def _let_one_go(self) -> None:
        oldest = next((each for each in self._waiting if each.idle), next(iter(self._waiting), None))
        if oldest:
            self._drop(oldest)

    def _drop(self, conn: Connection) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()

    def _refuse(self, conn: Connection, status: int, reason: str) -> None:
        with suppress(OSError):
            write_problem(conn.sock, status, reason, "")
        self._end(conn)

    def _end(self, conn: Connection) -> None:
        # Closing a connection with unread data resets it, and the client may lose the answer (RFC 9112, 9.6).
        conn.closing = True
        conn.timeout = time.monotonic() + (END_SECONDS if self.alive else STOP_KEEPALIVE_LINGER)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._discard(conn)

    def _discard(self, conn: Connection) -> None:
        received = conn.receive()
        conn.after_end += len(received or b"")
        if received == b"" or conn.after_end > MAX_AFTER_END:
            self._drop(conn)
        else:
            self._wait(conn)

    # -- A pool thread: requests, one after another

    def handle(self, conn: Any) -> Any:
        """Answer a request, and those that follow it at once on the same connection."""
        kept = self._answer(conn)
        while kept and self._more_follows(conn):
            kept = self._answer(conn)
        return kept

    def _answer(self, conn: Connection) -> Any:
        conn.take()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request."""
        # The main thread sent `100 Continue` already, if the body had not arrived.
        req._expected_100_continue = False
        if not conn.whole:
            # Where the next request begins is unknown.
            req.force_close()
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        if not keepalive or not conn.whole:
            return False
        body = conn.parser.mesg.body
        with suppress(OSError, ParseException):
            body.read()
        # Otherwise the parser found a different end of the request than we did.
        return not body.failed and not conn.parser.unreader.take_buffered()

    def _more_follows(self, conn: Connection) -> bool:
        if not self.alive or not self.tpool._work_queue.empty():
            # The worker is stopping, or another connection is waiting for a thread.
            return False
        if conn.arrival.stage in _TO_ANSWER:
            # The next request arrived together with this one.
            return True
        waiting = select.poll()
        waiting.register(conn.sock, select.POLLIN)
        return bool(waiting.poll(LINGER_MS)) and conn.hear() in _TO_ANSWER
