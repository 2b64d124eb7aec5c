"""The page in token mode: registering, logging in, logging out, and a token that ends under one's hands."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.fixtures.accounts import PASSWORD, bearer, log_in, register
from tests.fixtures.client import Client
from tests.fixtures.service import NewService, Service


@pytest.fixture(scope="module")
def guarded(new_service: NewService) -> Service:
    """A service that wants a login."""
    return new_service(TASKAPP_AUTH="token", TASKAPP_RATE_LOGIN="1000/minute")


@pytest.fixture
def page(browser: Browser, guarded: Service) -> Iterator[Page]:
    with opened(browser, guarded.url) as found:
        yield found


def fill(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_role("dialog").get_by_label(label.replace("_", "-")).fill(value)


def test_one_registers_works_and_logs_out(page: Page, guarded: Service) -> None:
    email, title = f"{uuid.uuid4().hex}@example.com", f"Mow {uuid.uuid4().hex[:8]}"
    page.goto("/app/")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Log in")).to_be_visible()
    # Escape does not lead past it.
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Register instead").click()
    fill(page, Name="Ann", E_mail=email, Password="short")
    dialog.get_by_role("button", name="Register", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("8 to 128 characters")
    fill(page, Password=PASSWORD)
    dialog.get_by_role("button", name="Register", exact=True).click()
    # Two passwords are hashed.
    expect(dialog).to_be_hidden(timeout=15_000)
    page.locator("#add-title").fill(title)
    page.locator("#add-title").press("Enter")
    expect(page.get_by_text(title, exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text(title, exact=True)).to_be_visible()
    token = page.evaluate("localStorage.getItem('taskapp-token')")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_text(title, exact=True)).to_have_count(0)
    assert page.evaluate("localStorage.getItem('taskapp-token')") is None
    Client(guarded.url, bearer(token)).get("/users/me").problem(401, "unauthorized")


def test_a_wrong_password_is_told_and_the_right_one_shows_ones_tasks(page: Page, guarded: Service) -> None:
    account, title = register(guarded.url), f"Water {uuid.uuid4().hex[:8]}"
    account.client.make(title)
    page.goto("/app/")
    fill(page, E_mail=account.email, Password="not the password")
    page.get_by_role("dialog").get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    fill(page, Password=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(title, exact=True)).to_be_visible()


def test_what_was_being_added_when_the_token_ended_is_added_after_a_login(page: Page, guarded: Service) -> None:
    account, title = register(guarded.url), f"Rake {uuid.uuid4().hex[:8]}"
    token = log_in(guarded.url, account.email)
    page.goto("/app/")
    page.evaluate("token => localStorage.setItem('taskapp-token', token)", token["token"])
    page.reload()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    assert account.client.delete(f"/tokens/{token['token_id']}").status == 204
    page.locator("#add-title").fill(title)
    page.locator("#add-title").press("Enter")
    fill(page, E_mail=account.email, Password=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(title, exact=True)).to_be_visible()
    assert [each["title"] for each in account.client.get("/tasks/").ok()] == [title]


def test_a_login_in_another_tab_counts(page: Page, guarded: Service) -> None:
    account, title = register(guarded.url), f"Weed {uuid.uuid4().hex[:8]}"
    account.client.make(title)
    # The token is there when the first answer comes, which is to a request without one.
    page.add_init_script(f"""
        const real = window.fetch;
        window.fetch = async (...given) => {{
          const answer = await real(...given);
          if (answer.status === 401) localStorage.setItem("taskapp-token", "{account.token}");
          return answer;
        }};""")
    page.goto("/app/")
    expect(page.get_by_text(title, exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def use(page: Page, email: str) -> None:
    """Log in, in the dialog that is open."""
    fill(page, E_mail=email, Password=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_what_one_user_typed_is_not_shown_or_sent_for_another(page: Page, guarded: Service) -> None:
    ann, bob, title = register(guarded.url), register(guarded.url, "Bob"), f"Prune {uuid.uuid4().hex[:8]}"
    field = page.locator("#add-title")
    page.goto("/app/")
    use(page, ann.email)
    field.fill(title)
    ann.client.delete("/tokens/current", headers=bearer(page.evaluate("localStorage.getItem('taskapp-token')")))
    field.press("Enter")
    # Whoever is at the keyboard now gets a page of their own.
    use(page, bob.email)
    expect(field).to_have_value("")
    expect(page.locator("#empty")).to_be_visible()
    assert bob.client.get("/tasks/").ok() == []
    page.evaluate("localStorage.removeItem('taskapp-token')")
    page.reload()
    use(page, ann.email)
    expect(field).to_have_value(title)
    assert ann.client.get("/tasks/").ok() == []


def test_a_login_as_somebody_else_in_another_tab_begins_a_page_of_theirs(page: Page, guarded: Service) -> None:
    ann, bob = register(guarded.url), register(guarded.url, "Bob")
    page.goto("/app/")
    use(page, ann.email)
    page.locator("#add-title").fill("half typed")
    other = page.context.new_page()
    other.goto("/app/")
    other.get_by_role("button", name="Log out").click()
    use(other, bob.email)
    expect(page.locator("#add-title")).to_have_value("")
    expect(other.locator("#add-title")).to_have_value("")


def test_logging_out_asks_before_it_discards_what_was_typed(page: Page, guarded: Service) -> None:
    account = register(guarded.url)
    page.goto("/app/")
    use(page, account.email)
    page.locator("#add-title").fill("half typed")
    question = page.get_by_role("alertdialog", name="Log out without saving?")
    page.get_by_role("button", name="Log out").click()
    question.get_by_role("button", name="Cancel").click()
    expect(page.locator("#add-title")).to_have_value("half typed")
    page.get_by_role("button", name="Log out").click()
    question.get_by_role("button", name="Log out").click()
    use(page, account.email)
    expect(page.locator("#add-title")).to_have_value("")


def test_open_mode_asks_for_nothing(browser: Browser, service: Service) -> None:
    page = browser.new_page(base_url=service.url)
    page.goto("/app/")
    expect(page.locator("#add-title")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    page.close()
