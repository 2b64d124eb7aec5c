"""Cursors: signed keyset positions, bound to the query that made them.

A cursor is the base64url text of ``signature + payload``: HMAC-SHA-256, cut to 128 bits, over the binding and the
payload. The binding names caller and query, so a cursor works for those alone; the payload is the sort key of the last
row that was given, never the driver's paging state.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson

from taskapp.kit.problem import Problem, parameter_error

_SIGNATURE = 16


def seal(secret: bytes, binding: str, position: list[Any]) -> str:
    """Sign a position (JSON values) for the query and caller that ``binding`` names."""
    payload = orjson.dumps(position)
    return base64.urlsafe_b64encode(_sign(secret, binding, payload) + payload).rstrip(b"=").decode()


def open_(secret: bytes, binding: str, cursor: str, parameter: str = "cursor") -> list[Any]:
    """Return the position in a cursor.

    :raise Problem: ``bad_cursor`` when a byte was altered, or query or caller are others
    """
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise _refused(parameter) from None
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    # The canonical text alone is taken: base64 would let the unused bits of the last letter vary.
    canonical = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == cursor
    if not (canonical and hmac.compare_digest(signature, _sign(secret, binding, payload))):
        raise _refused(parameter)
    position: list[Any] = orjson.loads(payload)
    return position


def _sign(secret: bytes, binding: str, payload: bytes) -> bytes:
    bound = hashlib.sha256(binding.encode()).digest() + payload
    return hmac.digest(secret, bound, "sha256")[:_SIGNATURE]


def _refused(parameter: str) -> Problem:
    detail = "Not a cursor of this query; begin again without it."
    return Problem("bad_cursor", detail, errors=[parameter_error(parameter, detail)])
