"""The OpenAPI document: made from the routes' contracts and the schemas themselves."""

from flask import Flask


def build(app: Flask) -> dict:
    return {}
