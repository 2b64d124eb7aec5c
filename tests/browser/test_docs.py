"""The API's documentation in a browser: under the strict policy, without another server, and it sends requests.

Red when a script or a style of the viewer is inline, when it is fetched from elsewhere, or when an example is refused.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import opened
from tests.fixtures.accounts import register
from tests.fixtures.service import NewService, Service


@pytest.fixture(scope="module")
def guarded(new_service: NewService) -> Service:
    """A service that wants a login."""
    return new_service(TASKAPP_AUTH="token", TASKAPP_RATE_LOGIN="1000/minute")


@pytest.fixture
def page(browser: Browser, guarded: Service) -> Iterator[Page]:
    with opened(browser, guarded.url) as found:
        asked: list[str] = []
        found.on("request", lambda request: asked.append(request.url))
        yield found
        assert [url for url in asked if not url.startswith((guarded.url, "data:", "blob:"))] == []


def operation(page: Page, name: str) -> Locator:
    found = page.locator(f'[id="operations-tasks-{name}"]')
    found.locator(".opblock-summary-control").click()
    return found


def test_one_sends_requests_with_a_token(page: Page, guarded: Service) -> None:
    account = register(guarded.url)
    page.goto("/docs")
    listed = operation(page, "tasks_list")
    listed.get_by_role("button", name="Execute").click()
    expect(listed.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("401")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(account.token)
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".auth-btn-wrapper button.btn-done").click()
    made = operation(page, "tasks_create")
    made.get_by_role("button", name="Execute").click()
    expect(made.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("201")
    listed.get_by_role("button", name="Execute").click()
    expect(listed.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    expect(listed.locator(".live-responses-table")).to_contain_text(re.compile("Complete project"))
    assert [task["title"] for task in account.client.get("/tasks/").ok()] == ["Complete project"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_styled_in_the_reader_s_colours(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/docs#/tasks/tasks_patch")
    expect(page.locator("#operations-tasks-tasks_patch .opblock-body")).to_be_in_viewport()
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    # A page that is not painted has the browser's own white.
    lightness = 255 if colour.endswith(", 0)") else int(colour.partition("(")[2].partition(",")[0])
    assert (lightness < 128) == (scheme == "dark"), colour
