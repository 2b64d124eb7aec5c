"""Idempotency-Key: a repeated write gets the first answer again, and is carried out once."""

import functools
import hashlib
import logging
import re
from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, current_app, g, request

from taskapp.cassandra.coordination.idempotency import Claim, Record
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.http import body, errors, headers
from taskapp.http.contract import current_contract
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem, in_flight, mismatch

log = logging.getLogger(__name__)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
# Headers that belong to the answer; the others belong to the individual request.
_KEPT = ("Content-Type", "ETag", "Location", "Cache-Control", "Accept")


def idempotent(view: Callable[..., Response]) -> Callable[..., Response]:
    """Make a writing view idempotent; it finds its operation in ``g.operation``."""

    @functools.wraps(view)
    def run(**given: Any) -> Response:
        sent = key()
        if sent is None:
            g.operation = Operation.new(g.caller.user_id)
            return view(**given)
        return _run_once(sent, lambda: view(**given))

    return run


def key() -> str | None:
    """Read ``Idempotency-Key``; None if it was not sent.

    :raise Problem: ``bad_header``
    """
    sent = headers.sent("Idempotency-Key")
    if sent is not None and not _KEY.fullmatch(sent):
        raise Problem("bad_header", "Idempotency-Key must have 1 to 255 visible ASCII characters.")
    return sent


def _run_once(key: str, view: Callable[[], Response]) -> Response:
    claim = Claim(g.caller.user_id, key, current_app.extensions["settings"].idempotency_hours * 3600)
    fingerprint = _fingerprint()
    record = claim.take(fingerprint)
    if record is not None:
        return _known(record, fingerprint)
    g.operation = Operation.keyed(g.caller.user_id, key, claim.claimed_at, repeated=claim.repeated)
    try:
        response = view()
    except Problem as problem:
        response = errors.render(problem)
    except Exception:
        # No 5xx is kept, whether the fault is the database's or ours.
        claim.release()
        raise
    _keep(claim, response)
    return response


def _keep(claim: Claim, response: Response) -> None:
    if response.status_code >= 500:
        claim.release()
        return
    headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
    try:
        claim.answer(response.status_code, orjson.dumps(headers).decode(), response.get_data())
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        # The change is stored and acknowledged. A repeat takes over the claim and finds the change by its id.
        log.warning("an answer could not be kept", extra={"error": str(error)})


def _known(record: Record, fingerprint: str) -> Response:
    if record.fingerprint != fingerprint:
        raise mismatch()
    if record.status is None:
        raise in_flight()
    first = orjson.loads(record.headers or "{}")
    return Response(record.body or b"", record.status, {**first, "Idempotency-Replayed": "true"})


def _fingerprint() -> str:
    parts = [request.method, request.path.rstrip("/"), request.query_string.decode("latin-1"),
             *(request.headers.get(name, "") for name in ("If-Match", "If-None-Match", "Content-Type"))]
    contract = current_contract()
    content = _without_passwords() if contract and contract.secret_body else body.read_bytes()
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + content).hexdigest()


def _without_passwords() -> bytes:
    # A fast hash of a password is as good as the password, so passwords go in through a slow one.
    sent = body.read_json()
    if not isinstance(sent, dict):
        return orjson.dumps(sent)
    secret = {name: value for name, value in sent.items() if "password" in name}
    told = {name: value for name, value in sent.items() if name not in secret}
    slow: Callable[[bytes, bytes], bytes] = current_app.extensions["slow_hash"]
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS) + (
        slow(orjson.dumps(secret, option=orjson.OPT_SORT_KEYS), g.caller.user_id.bytes) if secret else b"")
