"""Reading request bodies."""

from typing import Any

from flask import g, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from taskapp.http.contract import current_contract
from taskapp.kit import strict_json
from taskapp.kit.problem import Problem, invalid, member_error

JSON = "application/json"


def read_json() -> Any:
    """Read the request's JSON body; a missing Content-Type counts as JSON.

    :raise Problem: ``unsupported_media_type``, ``too_large``, ``bad_json``, ``invalid``
    """
    _check_type()
    return strict_json.loads(read_bytes())


def read_bytes() -> bytes:
    """Read the whole request body, unparsed.

    :raise Problem: ``too_large``, ``bad_request`` when it is truncated or its chunks are malformed
    """
    if "body" not in g:
        try:
            g.body = _read_chunks() if request.content_length is None else request.get_data()
        except (ParseException, ClientDisconnected, OSError) as error:
            raise Problem("bad_request", "The body's chunks cannot be read, or it ended too early.") from error
        if len(g.body) < (request.content_length or 0):
            raise Problem("bad_request", "The body ended before its Content-Length.")
    content: bytes = g.body
    return content


def _read_chunks() -> bytes:
    # werkzeug would silently truncate a body of unknown length at the limit.
    if not request.environ.get("wsgi.input_terminated"):
        return b""
    limit = request.max_content_length or 0
    content: bytes = request.environ["wsgi.input"].read(limit + 1)
    if len(content) > limit:
        raise Problem("too_large", f"The body is larger than {limit} bytes.")
    return content


def read_nothing() -> None:
    """Accept no body, or an empty object.

    :raise Problem: ``invalid``, or as ``read_json``
    """
    if read_bytes() and read_json() != {}:
        raise invalid([member_error("", "Must be empty: the route takes no body.")])


def _check_type() -> None:
    contract = current_contract()
    allowed = contract.body_types if contract else (JSON,)
    sent = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if (sent and sent not in allowed) or charset not in ("utf-8", "utf8") or request.content_encoding:
        raise Problem("unsupported_media_type", f"Send {' or '.join(allowed)}, in UTF-8, without Content-Encoding.",
                      headers={"Accept": ", ".join(allowed)})
