"""A real Chromium on the page of a real service."""

import json
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright

from tests.fixtures.missing import missing
from tests.needs import chromium

_FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium(), args=_FLAGS)
        except Error as error:
            missing(f"no browser: {error.message}")
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """Open a page whose scripts must neither fail nor be stopped by the content security policy."""
    context = browser.new_context(base_url=url, locale="en-GB", timezone_id="Europe/Berlin", **options)
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


@pytest.fixture
def title() -> str:
    """A title that no other test uses: all share one service."""
    return f"Mow the lawn {uuid.uuid4().hex[:8]}"


def row(page: Page, title: str) -> Locator:
    """Find a task in the list."""
    return page.locator("li.task", has=page.get_by_text(title, exact=True))


def act(page: Page, title: str, action: str) -> None:
    """Click on what a row offers."""
    row(page, title).locator(f'[data-action="{action}"]').click()


def editor(page: Page, title: str) -> Locator:
    """Find the form in which a task is edited."""
    return page.get_by_role("form", name=f"Edit {title}")


def toast(page: Page, text: str) -> Locator:
    """Find a notice."""
    return page.locator(".toast", has_text=text)


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

    def patch(self, task: dict[str, Any], **members: Any) -> None:
        """Change a task."""
        self.call("PATCH", f"/tasks/{task['task_id']}", members)

    def get(self, task: dict[str, Any]) -> dict[str, Any]:
        """Read a task again."""
        found: dict[str, Any] = self.call("GET", f"/tasks/{task['task_id']}")
        return found


@pytest.fixture
def api(service: Any) -> Api:
    return Api(service.url)
