"""E-mail addresses in the one spelling under which a person is known.

Two spellings that reach the same mailbox everywhere are one address: case, Unicode form, and the two ways
to write an international domain. Plus-tags and dots stay distinct, as only some mail providers ignore
them; whom an address belongs to is not ours to guess.
"""

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from coopledger.domain.types import Email
from coopledger.errors import BadInput

#: A local part that is good as it stands but for its case, as nearly all are.
_PLAIN_LOCAL_PART = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
_LONGEST_LOCAL_PART = 64
_LONGEST = 254


class NotAnEmail(BadInput):
    """The text is not an e-mail address that mail could be sent to."""

    text: str
    reason: str

    says = "{text!r} is not an e-mail address: {reason}"
    advice = "Correct the address; it should read like name@example.org."


def email_of(text: str) -> Email:
    """Return the normalised form of an address: checked, NFC, casefolded.

    Nothing is asked of the network. Spaces around the address are ignored. An international domain
    comes back in its Unicode form, whichever way it was written. Normalising twice changes nothing.

    Raises:
        NotAnEmail: the text is not an address; carries the reason in a sentence.
    """
    written = text.strip()
    local_part, _, domain = written.partition("@")
    try:
        if (
            _PLAIN_LOCAL_PART.fullmatch(local_part)
            and len(local_part) <= _LONGEST_LOCAL_PART
            and domain.isascii()
            and len(written) <= _LONGEST
        ):
            return Email(f"{local_part.lower()}@{_checked_domain(domain)}")
        checked = validate_email(written, check_deliverability=False)
        # Casefolding can undo NFC and (as with ß) make an address too long; so it is done first.
        folded = unicodedata.normalize("NFC", checked.local_part.casefold())
        if folded != checked.local_part:
            checked = validate_email(f"{folded}@{checked.domain}", check_deliverability=False)
    except EmailNotValidError as error:
        raise NotAnEmail(text, str(error)) from error
    # The domain's case is folded by IDNA already, which keeps ß apart from ss as domains do.
    return Email(checked.normalized)


@lru_cache(maxsize=10_000)
def _checked_domain(domain: str) -> str:
    """Return a domain in its one spelling. Checking takes long, and many addresses share few."""
    return validate_email(f"a@{domain}", check_deliverability=False).domain
