"""The API's documentation in a browser: under the strict policy, without another server, and it sends requests.

Red when a script or a style of the viewer is inline, when it is fetched from elsewhere, when the console says what
was not meant, or when an example is refused.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from taskapp.features.tasks.examples import EXAMPLES
from tests.browser.conftest import opened
from tests.fixtures.accounts import register
from tests.fixtures.service import NewService, Service

# The request without a token, and Swagger UI's own word on a format for which it has no field: it takes that for text.
MEANT = ("Failed to load resource: the server responded with a status of 401",
         "Could not find component: JsonSchema_string_uuid")


@pytest.fixture(scope="module")
def guarded(new_service: NewService) -> Service:
    """A service that wants a login."""
    return new_service(TASKAPP_AUTH="token", TASKAPP_RATE_LOGIN="1000/minute")


@pytest.fixture
def page(browser: Browser, guarded: Service) -> Iterator[Page]:
    with opened(browser, guarded.url) as found:
        asked: list[str] = []
        wrong: list[str] = []
        found.on("request", lambda request: asked.append(request.url))
        found.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        yield found
        assert [url for url in asked if not url.startswith((f"{guarded.url}/", "data:", "blob:"))] == []
        assert [text for text in wrong if not text.startswith(MEANT)] == []


def operation(page: Page, name: str) -> Locator:
    found = page.locator(f'[id="operations-tasks-{name}"]')
    found.locator(".opblock-summary-control").click()
    return found


def answered(sent: Locator, status: int) -> Locator:
    """Send what an operation shows, and find the answer."""
    sent.get_by_role("button", name="Execute").click()
    answer = sent.locator(".live-responses-table")
    expect(answer.locator("tbody .response-col_status").first).to_contain_text(str(status), timeout=15_000)
    return answer


def test_one_sends_requests_with_a_token(page: Page, guarded: Service) -> None:
    account = register(guarded.url)
    page.goto("/docs")
    listed = operation(page, "tasks_list")
    expect(answered(listed, 401)).to_contain_text("unauthorized")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").fill(account.token)
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".auth-btn-wrapper button.btn-done").click()
    made = operation(page, "tasks_create")
    expect(answered(made, 201)).to_contain_text("Complete project")
    expect(answered(listed, 200)).to_contain_text("Complete project")
    (task,) = account.client.get("/tasks/").ok()
    example = EXAMPLES["TaskCreate"]
    assert {**task, "due_date": task["due_date"].replace(".000Z", "Z")}.items() >= example.items()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_styled_in_the_reader_s_colours(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/docs")
    expect(operation(page, "tasks_patch").locator(".opblock-body")).to_be_in_viewport()
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    # A page that is not painted has the browser's own white.
    lightness = 255 if colour.endswith(", 0)") else int(colour.partition("(")[2].partition(",")[0])
    assert (lightness < 128) == (scheme == "dark"), colour
