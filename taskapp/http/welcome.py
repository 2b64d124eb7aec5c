"""The root and the web page."""

from flask import Blueprint, Flask, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from taskapp.http import answers, web
from taskapp.http.contract import PUBLIC, promises
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add the root and the web page."""
    bp = Blueprint("welcome", __name__)

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
    @promises(summary="The page", scope=PUBLIC, tag="welcome", answers={200: "HTML."},
              description="The task list in a browser.")
    def page() -> Response:
        return web.file("index.html")

    @bp.get("/app/<path:name>")
    @promises(summary="A file of the page", scope=PUBLIC, tag="welcome", answers={200: "The file."},
              description="Scripts and styles of the page and of `/docs`.")
    def page_file(name: str) -> Response:
        return web.file(name)

    app.register_blueprint(bp, url_prefix=settings.url_prefix or None)
