"""E-mail addresses: one mailbox, one key."""

import re
import unicodedata
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, fields

# RFC 5321, 4.5.3.1.3, without the angle brackets.
MAX_LENGTH = 254
# Characters that render as nothing, so that two addresses would look the same: those that Unicode lets a renderer
# ignore (Default_Ignorable_Code_Point) and email-validator lets pass, and the Braille blank.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
                        "\U000e0100-\U000e01ef]")


class Email(fields.Field[str]):
    """An e-mail address, kept as it was sent, but in Unicode NFC and with its domain normalized (lower case)."""

    def __init__(self, **given: Any) -> None:
        super().__init__(metadata={"example": "ann@example.com"}, **given)

    def _deserialize(self, value: object, attr: object, data: object, **_: object) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a string.")
        if len(value) > MAX_LENGTH:
            raise ValidationError(f"Must have at most {MAX_LENGTH} characters.")
        if _INVISIBLE.search(value):
            raise ValidationError("Not an e-mail address: it has an invisible character.")
        try:
            # Deliverability is not checked: intranets have names of their own.
            return validate_email(value, check_deliverability=False, globally_deliverable=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(f"Not an e-mail address: {error}") from None


def email_key(email: str) -> str:
    """Return the key of an address: the same for all that differ only in case or Unicode form.

    NFKC, case folding, and NFKC again, since folding may take a text out of its normal form (Unicode 16, section
    3.13.3, D147); a domain in Punycode has the key of its Unicode form.
    """
    local, _, domain = email.rpartition("@")
    return f"{_folded(local)}@{_folded(_readable(domain))}"


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", text.casefold())


def _readable(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
