"""The OpenAPI document, the page that shows it, and what each problem's ``type`` leads to."""

import base64
import hashlib
from functools import cache
from http import HTTPStatus
from importlib.resources import files

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, request
from markupsafe import escape

from taskapp.http import answers
from taskapp.http.contract import PUBLIC, promises
from taskapp.http.documentation.openapi import build
from taskapp.http.documentation.page import ORIGIN, view_of
from taskapp.kit.problem import KINDS, Problem, problem_type
from taskapp.settings import Settings

_CSS = (files(__name__) / "templates" / "documentation.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def init_app(app: Flask, settings: Settings) -> None:
    """Add the routes."""
    bp = Blueprint("documentation", __name__, template_folder="templates")

    @cache
    def document_of_app() -> bytes:
        return orjson.dumps(build(current_app), option=orjson.OPT_INDENT_2)

    @cache
    def html_of_app() -> str:
        shown = view_of(orjson.loads(document_of_app()), settings)
        return render_template("documentation.html", page=shown, css=_CSS)

    @bp.get("/openapi.json")
    @promises(summary="The OpenAPI document", scope=PUBLIC, tag="documentation", answers={200: "OpenAPI 3.1."})
    def document() -> Response:
        return Response(document_of_app(), content_type="application/json")

    @bp.get("/docs")
    @promises(summary="The documentation, to read", scope=PUBLIC, tag="documentation", answers={200: "HTML."})
    def page() -> Response:
        # The host is the client's word.
        return _html(html_of_app().replace(ORIGIN, escape(request.host_url.rstrip("/"))))

    @promises(summary="What a problem code means", scope=PUBLIC, tag="documentation", problems=("not_found",),
              description="Where the `type` of a problem leads: JSON, or HTML for a browser.",
              answers={200: "Type, code, status and meaning."})
    def problem(slug: str) -> Response:
        return _explained(slug)

    app.register_blueprint(bp, url_prefix=settings.url_prefix or None)
    # A problem's `type` is an address from the root, whatever is in front of the other routes.
    app.add_url_rule("/problems/<slug>", "documentation.problem", problem, methods=["GET"])


def _explained(slug: str) -> Response:
    code = next((each for each in KINDS if problem_type(each) == f"/problems/{slug}"), None)
    if code is None:
        raise Problem("not_found", "No such problem type.")
    kind = KINDS[code]
    shown = {"type": problem_type(code), "code": code, "status": kind.status, "title": HTTPStatus(kind.status).phrase,
             "meaning": kind.meaning}
    if request.accept_mimetypes.best_match([answers.JSON, "text/html"]) == "text/html":
        return _html(render_template("problem.html", problem=shown, css=_CSS))
    return answers.json(shown)


def _html(text: str) -> Response:
    return Response(text, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})
