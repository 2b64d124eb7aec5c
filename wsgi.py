"""The WSGI application: ``gunicorn wsgi:app``."""

from taskapp import create_app

app = create_app()
