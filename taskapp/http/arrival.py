"""What has arrived on a connection, and whether it is a whole request yet (RFC 9112).

This only finds where a request ends, so that no thread waits for one. gunicorn's parser judges the request itself:
whatever looks odd here is passed to it unchanged, and the connection ends with its answer.
"""

import re
from enum import Enum, auto

# Maximum bytes of a head, and of everything but the content in a chunked body.
MAX_HEAD = MAX_CHUNK_LINES = 65_536
# gunicorn's chunk reader reads at least this many bytes, and would find the end of a larger body missing.
READ_AT_LEAST = 1024
_FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding|expect):[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9a-f]{1,15})(?:[ \t]*;[^\r]*)?", re.IGNORECASE)
_BARE_LF = re.compile(rb"(?<!\r)\n")
_END = b"\r\n\r\n"


class Stage(Enum):
    """How much of a request has arrived."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()
    WHOLE = auto()
    # More may follow but changes nothing: the request is refused, or its body exceeds the limit.
    ENOUGH = auto()
    HEAD_TOO_LARGE = auto()


class Arrival:
    """The bytes of a connection, from its next request on.

    :param max_body: maximum bytes of a body; a larger one is not waited for
    """

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._data = bytearray()
        self._begin()

    def _begin(self) -> None:
        self.stage = Stage.NOTHING
        self._head = self._scanned = 0
        # Where the request ends, if known; else where its next chunk begins, and the bytes of content before it.
        self._end: int | None = 0
        self._chunk = self._content = 0
        self._expects_continue = False
        if self._data:
            self._look()

    def __len__(self) -> int:
        return len(self._data)

    def must_continue(self) -> bool:
        """Return, once only, whether the client is waiting for `100 Continue` before it sends the body."""
        waits = self._expects_continue and self.stage is Stage.BODY and len(self._data) == self._head
        self._expects_continue = self._expects_continue and not waits
        return waits

    def add(self, received: bytes) -> Stage:
        """Add received bytes and return the stage of the request."""
        self._data += received
        self._look()
        return self.stage

    def take(self) -> tuple[bytes, bool]:
        """Remove and return the request, and whether it is whole; bytes after it belong to the next one."""
        whole = self.stage is Stage.WHOLE
        length = self._end if whole and self._end is not None else len(self._data)
        request = bytes(self._data[:length])
        del self._data[:length]
        self._begin()
        return request, whole

    def _look(self) -> None:
        if not self._head:
            self.stage = self._look_at_head()
        if self.stage is Stage.BODY:
            self.stage = self._look_at_chunks() if self._end is None else self._look_at_length(self._end)

    def _look_at_head(self) -> Stage:
        found = self._data.find(_END, max(0, self._scanned - 3))
        if found >= 0:
            self._head = found + len(_END)
            return self._framing(bytes(self._data[:self._head]))
        # gunicorn refuses a bare LF at once; waiting for the end of the head would be in vain.
        if _BARE_LF.search(self._data, max(0, self._scanned - 1)):
            return Stage.ENOUGH
        self._scanned = len(self._data)
        if self._scanned <= MAX_HEAD:
            return Stage.HEAD
        # A request line that is too long gets an answer of its own.
        return Stage.HEAD_TOO_LARGE if b"\r\n" in self._data[2:MAX_HEAD // 4] else Stage.ENOUGH

    def _framing(self, head: bytes) -> Stage:
        self._end = self._head
        sent: dict[bytes, bytes] = {}
        for name, value in _FRAMING.findall(head):
            if name.lower() in sent:
                return Stage.ENOUGH
            sent[name.lower()] = value.lower()
        length, coding = sent.get(b"content-length"), sent.get(b"transfer-encoding")
        if coding is not None:
            if length is not None or not coding.endswith(b"chunked"):
                return Stage.ENOUGH
            self._end, self._chunk = None, self._head
        elif length is not None:
            if not length.isdigit() or len(length) > 18 or int(length) > self._max_body:
                return Stage.ENOUGH
            self._end = self._head + int(length)
        self._expects_continue = sent.get(b"expect") == b"100-continue" and b" HTTP/1.1\r\n" in head
        return Stage.BODY

    def _look_at_length(self, end: int) -> Stage:
        return Stage.WHOLE if len(self._data) >= end else Stage.BODY

    def _look_at_chunks(self) -> Stage:
        while True:
            line_end = self._data.find(b"\r\n", self._chunk)
            lines = (line_end if line_end >= 0 else len(self._data)) - self._head - self._content
            if lines > MAX_CHUNK_LINES:
                return Stage.ENOUGH
            if line_end < 0:
                return Stage.BODY
            line = _CHUNK_SIZE.fullmatch(self._data, self._chunk, line_end)
            if line is None:
                return Stage.ENOUGH
            size, begin = int(line[1], 16), line_end + 2
            if size == 0:
                return self._look_at_trailers(line_end)
            if self._content + min(size, len(self._data) - begin) >= self._max_body + READ_AT_LEAST:
                return Stage.ENOUGH
            end = begin + size
            if len(self._data) < end + 2:
                return Stage.BODY
            if self._data[end:end + 2] != b"\r\n":
                return Stage.ENOUGH
            self._content += size
            self._chunk = end + 2

    def _look_at_trailers(self, line_end: int) -> Stage:
        found = self._data.find(_END, line_end)
        if found < 0:
            return Stage.BODY if len(self._data) - line_end <= MAX_CHUNK_LINES else Stage.ENOUGH
        self._end = found + len(_END)
        return Stage.WHOLE
