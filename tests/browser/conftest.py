"""A real Chromium on the page of a real service."""

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.fixtures.missing import missing

_FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        missing("there is no Chromium on this machine; on Debian: apt install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """Open a page whose scripts must neither fail nor be stopped by the content security policy."""
    context = browser.new_context(base_url=url, locale="en-GB", timezone_id="Europe/Berlin")
    page = context.new_page()
    page.set_default_timeout(15_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert not wrong


@pytest.fixture
def page(browser: Browser, service: Any) -> Iterator[Page]:
    """A page of the service."""
    with opened(browser, service.url) as found:
        yield found


class Api:
    """The service, called beside the page, as another person would."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call a route, and read its JSON."""
        content = None if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self._url + path, content, {"Content-Type": "application/json", **sent},
                                         method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def make(self, title: str, **members: Any) -> dict[str, Any]:
        """Make a task."""
        made: dict[str, Any] = self.call("POST", "/tasks/", {"title": title, **members})
        return made

    def get(self, task: dict[str, Any]) -> dict[str, Any]:
        """Read a task again."""
        found: dict[str, Any] = self.call("GET", f"/tasks/{task['task_id']}")
        return found


@pytest.fixture
def api(service: Any) -> Api:
    return Api(service.url)
