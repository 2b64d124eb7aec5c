"""The OpenAPI document, and the page that shows it."""

from functools import cache

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template_string

from taskapp.http.contract import PUBLIC, promises
from taskapp.http.openapi import build
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add the routes."""
    bp = Blueprint("documentation", __name__)

    @cache
    def text() -> bytes:
        return orjson.dumps(build(current_app), option=orjson.OPT_INDENT_2)

    @bp.get("/openapi.json")
    @promises(summary="The OpenAPI document", scope=PUBLIC, tag="documentation", answers={200: "OpenAPI 3.1."})
    def document() -> Response:
        return Response(text(), content_type="application/json")

    @bp.get("/docs")
    @promises(summary="The documentation, to read", scope=PUBLIC, tag="documentation", answers={200: "HTML."})
    def page() -> Response:
        html = render_template_string(PAGE, api=orjson.loads(text()))
        return Response(html, content_type="text/html; charset=utf-8",
                        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})

    app.register_blueprint(bp, url_prefix=settings.url_prefix or None)


PAGE = ""
