"""The index's register is held against the chain's own, and each difference is named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coopledger.audit.findings import Findings
from coopledger.audit.run import audit
from coopledger.chain.wire.client import BlockUnknown
from coopledger.domain.types import BlockNumber
from coopledger.index import schema
from coopledger.index.asking.pinning import NotIndexedYet
from coopledger.services.auditing.comparing import compare_register, moment_to_compare
from tests.index.doubted import Alter, Told, altered, doubted, told

if TYPE_CHECKING:
    from tests.index.conftest import Index
    from tests.services.conftest import Office

__all__ = ["altered", "doubted", "told"]

EXPELLED = 4
"""Every field of this record is filled."""


def test_an_honest_index_agrees(told: Told) -> None:
    """As of the cursor, the last final block and moments before, the register is the chain's, all of it."""
    chain = told.office.chain
    with told.index.reading() as connection:
        verdict = replace(told.verdict, findings=Findings())
        assert compare_register(verdict, connection) == verdict.records > 250
        assert verdict.agrees
        assert verdict.moment.block.number == chain.head()
        moments = {moment_to_compare(connection, chain, final=True).time}
        for part in range(1, 6):
            moments.add(chain.block(BlockNumber(chain.head() * part // 6)).timestamp)
        for moment in sorted(moments):
            assert told.compare(connection, moment) == []


@pytest.mark.parametrize(
    ("field", "column", "value", "found"),
    [
        ("account", "account", bytes([0x5B] * 20), "0x" + "5b" * 20),
        ("joined", "joined_at", 1764464461, "2025-11-30 08:01:01 WIB"),
        ("left", "left_at", 1764464461, "2025-11-30 08:01:01 WIB"),
        ("consent", "consent", 9, "9"),
        ("cause", "cause", 1, "left"),
    ],
)
def test_each_changed_field_is_named(
    told: Told, altered: Alter, field: str, column: str, value: object, found: str
) -> None:
    """A change to any field of a record is named: which member, which field, both values."""
    table = schema.record
    change = table.update().where(table.c.number == EXPELLED).values({column: value})
    (finding,) = told.compare(altered(change))
    assert (finding.what, finding.found) == (f"member {EXPELLED}, {field}", found)
    assert finding.expected not in (found, "nothing")


def test_a_changed_standing_is_named(told: Told, altered: Alter) -> None:
    """A record's standing is what the index says of that moment, from its list of changes."""
    change = "UPDATE index.standing_change SET standing = 7 WHERE number = 7 AND standing = 1"
    (finding,) = told.compare(altered(change))
    told_of = (finding.what, finding.expected, finding.found)
    assert told_of == ("member 7, standing", "associate", "7")


def test_records_that_are_missing_or_made_up_are_named(told: Told, altered: Alter) -> None:
    """Whoever is left out or was never a member is named, also beyond the last number."""
    last = told.verdict.register.records
    altered("DELETE FROM index.record WHERE number IN (4, 9)")
    for made_up in (-3, last + 1, 999_999):
        connection = altered(
            "INSERT INTO index.record SELECT :number, account, ticket, joined_at, consent, bylaws,"
            " consented_at, attestation, previous, moved_from, origin, block, standing, left_at, cause,"
            " left_block FROM index.record WHERE number = 1",
            number=made_up,
        )
    assert {each.what: each.found for each in told.compare(connection)} == {
        "the index": "-3",
        "member 4": "not listed",
        "member 9": "not listed",
        f"member {last + 1}": "listed in the index",
        "member 999999": "listed in the index",
    }


def test_another_block_or_origin_is_named(told: Told, altered: Alter) -> None:
    """The cursor's block and what the index is of must be the chain's."""
    altered("UPDATE index.cursor SET hash = sha256('x'), time = time + 1")
    connection = altered(
        "UPDATE index.origin SET chain_id = 5, ledger = substr(sha256('x'), 1, 20)"
    )
    head = told.office.chain.head()
    assert [each.what for each in told.compare(connection)] == [
        "the index's chain",
        "the index's ledger",
        f"block {head}, hash",
        f"block {head}, time",
    ]


def test_an_index_that_is_behind_is_not_compared(told: Told, altered: Alter) -> None:
    """An index that has not begun, or not come to the moment, is no difference but a failure."""
    connection = altered("UPDATE index.cursor SET block = block - 1, final_block = 3")
    with pytest.raises(NotIndexedYet):
        told.compare(connection)
    connection = altered("DELETE FROM index.cursor")
    with pytest.raises(NotIndexedYet):
        told.compare(connection)
    with pytest.raises(NotIndexedYet):
        moment_to_compare(connection, told.office.chain)


def test_a_cursor_beyond_the_chain_has_no_moment(told: Told, altered: Alter) -> None:
    """A node that is behind the index cannot say what the moment is."""
    connection = altered("UPDATE index.cursor SET block = block + 1, hash = sha256('x')")
    with pytest.raises(BlockUnknown):
        moment_to_compare(connection, told.office.chain)


def test_an_index_that_has_gone_on_agrees_as_of_before(office: Office, index: Index) -> None:
    """Blocks that came after the verdict's moment, also within its second, are left out."""
    office.sell_plain({"order": "a"})
    index.follow(office)
    with index.reading() as connection:
        moment = moment_to_compare(connection, office.chain)
    verdict = audit(office.coop.ledger, moment)
    office.sell_plain({"order": "b", "email": "budi@example.org"})
    index.follow(office)
    with index.reading() as connection:
        assert compare_register(verdict, connection) == verdict.records == 1
    assert index.rows("SELECT count(*) FROM index.record") == [(2,)]
    assert verdict.agrees
