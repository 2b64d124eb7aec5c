"""Files of the web pages, and the policy under which pages run."""

from datetime import timedelta
from importlib.resources import files

from flask import Response, send_from_directory

# Scripts, styles and requests of this service alone; nothing inline.
_POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
_FOLDER = str(files("taskapp") / "web")
_YEAR = int(timedelta(days=365).total_seconds())


def file(name: str) -> Response:
    """Answer with a file of ``web/``; the path of a vendored one names its version, so it never changes."""
    vendored = name.startswith("vendor/")
    response = send_from_directory(_FOLDER, name, max_age=_YEAR if vendored else None)
    response.cache_control.immutable = vendored
    return under_policy(response)


def html(text: str) -> Response:
    """Answer with a page that was rendered."""
    return under_policy(Response(text, content_type="text/html; charset=utf-8"))


def under_policy(response: Response) -> Response:
    """Let a page run what this service has, and nothing else."""
    response.headers["Content-Security-Policy"] = _POLICY
    return response
