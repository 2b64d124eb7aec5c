"""Static files of the web pages, and the Content-Security-Policy of pages."""

from datetime import timedelta
from importlib.resources import files

from flask import Response, send_from_directory

# Scripts, styles and requests from and to this service only; nothing inline.
_POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
_FOLDER = str(files("taskapp") / "web")
_YEAR = int(timedelta(days=365).total_seconds())


def file(name: str) -> Response:
    """Answer with a file from ``web/``; a vendored file never changes, as its path names its version."""
    vendored = name.startswith("vendor/")
    response = send_from_directory(_FOLDER, name, max_age=_YEAR if vendored else None)
    response.cache_control.immutable = vendored
    return under_policy(response)


def html(text: str) -> Response:
    """Answer with a rendered page."""
    return under_policy(Response(text, content_type="text/html; charset=utf-8"))


def under_policy(response: Response) -> Response:
    """Restrict a page to this service's own scripts, styles and requests."""
    response.headers["Content-Security-Policy"] = _POLICY
    return response
