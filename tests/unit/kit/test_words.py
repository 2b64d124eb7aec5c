"""Words are whole, without case and accents."""

import pytest

from taskapp.kit.words import words


@pytest.mark.parametrize(("text", "found"), [
    (None, set()), ("", set()), ("!?", set()), ("Report, report!", {"report"}), ("Café CAFE", {"cafe"}),
    ("Straße STRASSE", {"strasse"}), ("naïve_plan-9", {"naive_plan", "9"}), ("x" * 70, {"x" * 64}),
    ("Ärger Ångström", {"arger", "angstrom"}), ("日本語 テスト", {"日本語", "テスト"}), ("ﬁne", {"fine"})])
def test_words(text: str | None, found: set[str]) -> None:
    assert words(text) == found
