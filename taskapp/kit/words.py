"""The words of a text, as a search compares them: whole, without case and accents."""

import re
import unicodedata

MAX_WORD_LENGTH = 64
_WORD = re.compile(r"\w+")


def words(text: str | None) -> frozenset[str]:
    """Return the words of a text, folded; longer ones count by their first 64 characters."""
    if not text:
        return frozenset()
    if not text.isascii():
        text = "".join(each for each in unicodedata.normalize("NFKD", text.casefold())
                       if not unicodedata.combining(each))
    return frozenset(word[:MAX_WORD_LENGTH] for word in _WORD.findall(text.casefold()))
