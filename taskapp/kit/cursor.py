"""Cursors: signed keyset positions, bound to the query and the caller that got them.

The payload is the sort key of the last row returned, never the driver's paging state.
"""

import hashlib
from typing import Any

import orjson
from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from taskapp.kit.problem import Problem, parameter_error


def seal(secret: bytes, binding: str, position: list[Any]) -> str:
    """Sign a position (JSON values) for the query and caller that ``binding`` names."""
    return _signer(secret, binding).sign(base64_encode(orjson.dumps(position))).decode()


def open_(secret: bytes, binding: str, cursor: str, parameter: str = "cursor") -> list[Any]:
    """Return the position in a cursor.

    :raise Problem: ``bad_cursor`` if a character was altered, or the query or caller is a different one
    """
    signer = _signer(secret, binding)
    try:
        payload = signer.unsign(cursor)
    except BadSignature:
        raise _refused(parameter) from None
    # base64 ignores the unused bits of the signature's last character, so they could vary.
    if signer.sign(payload).decode() != cursor:
        raise _refused(parameter)
    position: list[Any] = orjson.loads(base64_decode(payload))
    return position


def _signer(secret: bytes, binding: str) -> Signer:
    return Signer(secret, salt=binding.encode(), digest_method=hashlib.sha256, key_derivation="hmac")


def _refused(parameter: str) -> Problem:
    detail = "The cursor does not belong to this query; start again without one."
    return Problem("bad_cursor", detail, errors=[parameter_error(parameter, detail)])
