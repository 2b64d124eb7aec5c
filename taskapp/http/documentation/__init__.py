"""The OpenAPI document, the page that shows it, and what each problem's ``type`` refers to."""

from functools import cache
from http import HTTPStatus

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, request

from taskapp.http import answers, web
from taskapp.http.contract import PUBLIC, promises
from taskapp.http.documentation.openapi import build
from taskapp.kit.problem import KINDS, Problem, problem_type
from taskapp.settings import Settings

VIEWER = "vendor/swagger-ui-5.35.0"


def init_app(app: Flask, settings: Settings) -> None:
    """Add the routes."""
    bp = Blueprint("documentation", __name__, template_folder="templates")

    @cache
    def document_of_app() -> bytes:
        return orjson.dumps(build(current_app))

    @bp.get("/openapi.json")
    @promises(summary="The OpenAPI document", scope=PUBLIC, tag="documentation", answers={200: "OpenAPI 3.1."},
              description="What `/docs` shows, for programs: generate a client from it.")
    def document() -> Response:
        return Response(document_of_app(), content_type=answers.JSON)

    @bp.get("/docs")
    @promises(summary="The documentation, to read and to try", scope=PUBLIC, tag="documentation",
              answers={200: "HTML."}, description="Shows the OpenAPI document, and sends requests from the browser.")
    def page() -> Response:
        return web.html(render_template("docs.html", viewer=VIEWER))

    @promises(summary="What a problem code means", scope=PUBLIC, tag="documentation", problems=("not_found",),
              description="Where the `type` of a problem leads: JSON, or HTML for a browser.",
              answers={200: "Type, code, status and meaning."})
    def problem(slug: str) -> Response:
        return _explained(slug)

    app.register_blueprint(bp, url_prefix=settings.url_prefix or None)
    # A problem's `type` is a path from the root, whatever prefix the other routes have.
    app.add_url_rule("/problems/<slug>", "documentation.problem", problem, methods=["GET"])


def _explained(slug: str) -> Response:
    code = next((each for each in KINDS if problem_type(each) == f"/problems/{slug}"), None)
    if code is None:
        raise Problem("not_found", "No such problem type.")
    kind = KINDS[code]
    shown = {"type": problem_type(code), "code": code, "status": kind.status, "title": HTTPStatus(kind.status).phrase,
             "meaning": kind.meaning}
    if request.accept_mimetypes.best_match([answers.JSON, "text/html"]) == "text/html":
        return web.html(render_template("problem.html", problem=shown))
    return answers.json(shown)
