"""The guide: the first page of the documentation, as sections of paragraphs.

It becomes Markdown in the OpenAPI document and HTML on the page; `backticks` mark code in both.
"""

from collections.abc import Sequence
from typing import NamedTuple

from taskapp.kit.caller import SCOPES
from taskapp.kit.problem import KINDS
from taskapp.kit.strict_json import MAX_DEPTH, MAX_MARKS, MAX_TEXT, MAX_VALUES
from taskapp.settings import Settings


class Section(NamedTuple):
    """A heading, and the paragraphs under it."""

    title: str
    paragraphs: Sequence[str]


_SEND = Section("What to send", (
    "JSON in UTF-8 with `Content-Type: application/json` (a missing one counts as JSON). Times are RFC 3339; "
    "without an offset they are UTC, and they come back in UTC with milliseconds. Ids are UUIDs.",
    "Nothing is ignored silently: an unknown member, query parameter or sort key is an error that names it. "
    "Types are strict: `\"3\"` is no number, `1` no boolean, `3.0` no whole number. Strings are kept as sent, "
    "after Unicode NFC, which their lengths are counted in. In an answer an absent value is `null`, "
    "never left out.",
    "A trailing slash is never needed and never wrong. `X-Request-ID` (letters, digits, `.`, `_`, `-`) comes "
    "back in the answer and in the log."))
_ERRORS = Section("Errors", (
    "Every error is `application/problem+json` (RFC 9457). Its `code` is stable; its `detail` is fit to show "
    "to a person; `request_id` leads to the log.",
    "With 422, `errors` lists what is wrong: `pointer` is a JSON Pointer into the body (empty: all of it), "
    "`parameter` names a parameter of the query string. What is missing and what the caller may not know of "
    "are both 404."))
_WHO = Section("Who asks", (
    "In open mode, nobody has to say: the service answers this machine alone, and all tasks are one user's. In token "
    "mode all requests need `Authorization: Bearer …` but `POST /users/` (register), `POST /tokens/` (log in), and "
    "those for pages, documents and health. `POST /tokens/` gives a token, and shows it once. Without a good one the "
    "answer is 401 `unauthorized`.",
    "A token has scopes: " + ", ".join(f"`{name}` ({meaning})" for name, meaning in SCOPES.items()) + ". A route "
    "whose scope it lacks is 403 `insufficient_scope`. With a token that has `account:write`, `POST /tokens/` makes "
    "others, with fewer scopes and an end of their own; `DELETE /tokens/{token_id}` ends one, everywhere within five "
    "seconds."))
_PAGES = Section("Pages", (
    "A list is a JSON array. If there is more, `Next-Cursor` holds the token for `cursor`, and "
    "`Link: <…>; rel=\"next\"` the whole path and query; the last page has neither. A cursor belongs to the caller, "
    "the filter and the sort that made it, `limit` may change. Every task that exists through a walk "
    "is returned exactly once, whatever is written meanwhile. One whose due date is changed during a walk in that "
    "order is met, too: at its new place if that is still ahead, else at the end, after all others. It may come "
    "twice.",))
_WRITERS = Section("Two writers", (
    "`ETag: \"7\"` is a task's version. Send it as `If-Match` with a change, and the change is stored only if "
    "the task still is at that version; else the answer is 412 `version_conflict` with `current_version`. "
    "Without it nobody's change is lost either: PATCH changes the members that are sent and no others, and a "
    "PUT keeps what it was not sent, apart from the four members that it replaces.",
    "Server-owned members (`task_id`, `created_by`, `created_at`, `updated_at`, `completed_at`, `expires_at`, "
    "`version`) may be sent in PUT and PATCH with their current values, so that an edited GET can be sent "
    "back; with other values they are `read_only`. A write that changes nothing makes no version.",
    "`If-None-Match: \"7\"` on GET answers 304 if nothing has changed; `If-None-Match: *` on PUT makes a task "
    "with an id of your own, once."))


def sections(settings: Settings) -> list[Section]:
    """Write the guide for an instance, with its limits."""
    return [_SEND, _WHO, _ERRORS, _PAGES, _WRITERS, _twice(settings), _limits(settings)]


def markdown(settings: Settings) -> str:
    """Write the guide as Markdown, with the table of problem codes."""
    parts = [f"## {title}\n\n" + "\n\n".join(paragraphs) for title, paragraphs in sections(settings)]
    rows = [f"| `{code}` | {kind.status} | {kind.meaning} |" for code, kind in KINDS.items()]
    return "\n\n".join([*parts, "## Problem codes", "\n".join(["| code | status | meaning |", "| --- | --- | --- |",
                                                              *rows])])


def _twice(settings: Settings) -> Section:
    return Section("Sending twice", (
        "Every write takes an `Idempotency-Key` of 1 to 255 visible ASCII characters, such as a random UUID. "
        "When an answer does not arrive, send the same request with the same key: it is done once, and what the "
        f"first answered comes again with `Idempotency-Replayed: true`, for {settings.idempotency_hours} hours. "
        "The same key with another request is `idempotency_mismatch`; while the first still runs, "
        "`idempotency_in_flight`. An answer of 500 or more is not kept.",
        "503 comes with `Retry-After`. After `unavailable` and `contention` nothing was stored; after "
        "`outcome_unknown` it may have been, so send the request again with its key."))


def _limits(settings: Settings) -> Section:
    mebibytes = settings.max_body_bytes / 1024**2
    return Section("Limits", (
        f"A body has at most {mebibytes:g} MiB, {MAX_VALUES:,} values and {MAX_DEPTH} levels. Strings hold no NUL, no "
        f"lone surrogate, and at most {MAX_MARKS} combining marks in a row; those that are not in Unicode NFC have at "
        f"most {MAX_TEXT:,} characters together. Each member's own limits are in its schema. "
        f"A deleted task stays in the trash for {settings.trash_days} days.",
        f"In token mode a token may write {settings.rate_writes}, and an address log in or register "
        f"{settings.rate_login}; `RateLimit` tells where a request stands, 429 `rate_limited` when to come again.",
        "`Consistency-Level` on a GET that takes it chooses how many replicas are asked. On a write it is checked, and "
        "changes nothing: writes are always acknowledged by a quorum."))
