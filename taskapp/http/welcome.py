"""The root, and the page."""

from importlib.resources import files

from flask import Blueprint, Flask, Response, redirect, request, send_from_directory, url_for
from werkzeug.wrappers import Response as AnyResponse

from taskapp.http import answers
from taskapp.http.contract import PUBLIC, promises
from taskapp.settings import Settings

_POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


def init_app(app: Flask, settings: Settings) -> None:
    """Add the root and the page."""
    bp = Blueprint("welcome", __name__)
    folder = str(files("taskapp") / "web")

    @bp.get("/")
    @promises(summary="Welcome", scope=PUBLIC, tag="welcome", description="A browser is sent to the page.",
              answers={200: "Where things are.", 302: "The page."})
    def root() -> AnyResponse:
        if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
            return redirect(url_for("welcome.page"))
        return answers.json({
            "message": "Welcome to Task Manager API", "tasks": url_for("tasks.list_"), "page": url_for("welcome.page"),
            "documentation": url_for("documentation.page"), "openapi": url_for("documentation.document")})

    @bp.get("/app/")
    @promises(summary="The page", scope=PUBLIC, tag="welcome", answers={200: "HTML."})
    def page() -> Response:
        return _file("index.html")

    @bp.get("/app/<path:name>")
    @promises(summary="A file of the page", scope=PUBLIC, tag="welcome", answers={200: "The file."})
    def page_file(name: str) -> Response:
        return _file(name)

    def _file(name: str) -> Response:
        response = send_from_directory(folder, name)
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    app.register_blueprint(bp, url_prefix=settings.url_prefix or None)
