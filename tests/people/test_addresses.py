"""E-mail addresses in their one spelling."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from coopledger.domain.addresses import NotAnEmail, email_of

LOCAL = st.text("abcXYZ019._+-äÖßéİ", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("written", "known_as"),
    [
        ("Siti@Example.ORG", "siti@example.org"),
        ("  siti@example.org\n", "siti@example.org"),
        ("SITI+film@example.org", "siti+film@example.org"),
        ("si.ti@example.org", "si.ti@example.org"),
        ("sofi\u0065\u0301@example.org", "sofi\u00e9@example.org"),
        ("a@xn--bcher-kva.example", "a@bücher.example"),
        ("A@BÜCHER.example", "a@bücher.example"),
    ],
)
def test_spellings_of_one_mailbox_are_one_address(written: str, known_as: str) -> None:
    """Case, Unicode form and the writing of the domain do not make another address."""
    assert email_of(written) == known_as


@settings(deadline=None)
@given(
    st.text("abcXYZ019._+-", min_size=1, max_size=70),
    st.sampled_from(["example.org", "Example.ORG", "xn--bcher-kva.example", "a-b.example", "x"]),
)
def test_the_short_way_agrees_with_the_library(local: str, domain: str) -> None:
    """A plain address is taken, and refused, as email-validator alone would."""
    written = f"{local}@{domain}"
    try:
        expected = validate_email(written, check_deliverability=False).normalized
    except EmailNotValidError:
        with pytest.raises(NotAnEmail):
            email_of(written)
    else:
        found = email_of(written)
        assert found == f"{expected.partition('@')[0].lower()}@{expected.partition('@')[2]}"


def test_tags_and_dots_stay_distinct() -> None:
    """What only some providers ignore makes another address."""
    assert len({email_of(f"{local}@example.org") for local in ("siti", "s.iti", "siti+a")}) == 3


@settings(deadline=None)
@given(LOCAL)
def test_normalising_twice_changes_nothing(local: str) -> None:
    """Whatever comes out goes in again and comes out the same."""
    try:
        once = email_of(f"{local}@example.org")
    except NotAnEmail:
        return
    assert email_of(once) == once


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z0-9]{1,20}([.+-][A-Za-z0-9]{1,10}){0,3}", fullmatch=True))
def test_case_never_makes_another_person(local: str) -> None:
    """An address in capitals is the address in small letters."""
    assert email_of(f"{local.upper()}@EXAMPLE.ORG") == email_of(f"{local.lower()}@example.org")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "siti",
        "siti@",
        "@example.org",
        "a@b@example.org",
        "siti@localhost",
        "a b@example.org",
        "Siti <siti@example.org>",
        "a..b@example.org",
        "siti@example.org, ali@example.org",
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text: str) -> None:
    """A text that no mail can be sent to raises, and says what was given and why."""
    with pytest.raises(NotAnEmail) as caught:
        email_of(text)
    assert caught.value.text == text
    assert caught.value.reason
    assert repr(text) in str(caught.value)
