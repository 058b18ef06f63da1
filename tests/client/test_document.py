"""``docs/clients.md`` is what an outside developer builds on, so it is held to the contracts.

Layouts and formulas are not compared as text. They are read from the page and followed, and the results
are compared with words and heads that are known to be right.
"""

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from coopledger.chain import artifacts
from coopledger.domain.register import Cause, Consent, RegisterKind, Standing
from coopledger.domain.types import (
    Address,
    MemberNumber,
    SeatNumber,
    TicketId,
    TierIndex,
    Timestamp,
)
from coopledger.domain.words import pack_line, unpack_record, unpack_ticket

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"
Layout = list[tuple[str, int]]


@cache
def page() -> str:
    """Return the page's text."""
    return (ROOT / "docs" / "clients.md").read_text("utf-8")


def rows() -> Iterator[list[str]]:
    """Yield the cells of every table's rows."""
    for line in page().splitlines():
        if line.startswith("|"):
            yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def cell_of(name: str, column: int) -> str:
    """Return a cell of the row that begins with a name, which must be the only one."""
    (cell,) = [row[column] for row in rows() if row[0] == name]
    return cell


def signed_types() -> list[list[str]]:
    """Return the rows of the table of what is signed."""
    return [row for row in rows() if re.match(r"[A-Z]\w+\(", row[0])]


def layout(text: str) -> Layout:
    """Read ``account 160, joinedAt 40`` as names with their bits."""
    pairs = (part.split() for part in text.split(","))
    return [(name, int(bits)) for name, bits in pairs]


def unpack(word: int, fields: Layout) -> dict[str, int]:
    """Take a word apart from its lowest bit on, as the page says."""
    values = {}
    for name, bits in fields:
        values[name] = word % (1 << bits)
        word >>= bits
    assert word == 0
    return values


def pack(values: dict[str, int], fields: Layout) -> int:
    """Put a word together from its lowest bit on, as the page says."""
    word, shift = 0, 0
    for name, bits in fields:
        word |= (0 if name == "empty" else values[name]) << shift
        shift += bits
    assert shift <= 256
    return word


def address(number: int) -> str:
    """Return an account's number as it is written, without its checksum."""
    return f"0x{number:040x}"


def test_the_types_are_the_contracts() -> None:
    """Every type that a contract verifies stands on the page to the letter, and no other."""
    sources = [f for f in CONTRACTS.rglob("*.sol") if CONTRACTS / "test" not in f.parents]
    text = "\n".join(each.read_text("utf-8") for each in sources)
    verified = re.findall(r'keccak256\(\s*"([A-Z]\w+\([^"]*\))"\s*\)', text)
    assert sorted(row[0] for row in signed_types()) == sorted(verified)
    assert len(verified) == 7


def test_the_functions_and_errors_are_in_the_abi() -> None:
    """Every function and error that the page names is in an ABI of ours."""
    contracts = ("TicketLedger", "BoxOffice", "TicketLens")
    abi: list[Any] = [each for name in contracts for each in artifacts.load(name).abi]
    known = {each["name"] for each in abi if "name" in each}
    types = {row[0].split("(")[0] for row in signed_types()}
    called = set(re.findall(r"`(\w+)\([^`]*\)`", page())) - types
    senders = {row[1].split("`")[0] for row in signed_types()}
    assert called - known == senders - known == set()
    assert len(senders) == 7
    assert {"members", "registerHead", "BadSignature", "SignatureUsed"} <= called


def test_the_domain_is_the_contracts() -> None:
    """The page's domain is the one that the contracts answer for."""
    said = re.search(r"domain is name `(\w+)`, version `(\w+)`", page())
    assert said is not None
    source = (CONTRACTS / "signing" / "Signatures.sol").read_text("utf-8")
    assert f'return ("{said[1]}", "{said[2]}");' in source


def test_the_words_are_the_ledgers() -> None:
    """A record, a ticket and a line taken apart as the page says are what the ledger packed."""
    chance = random.Random(20261130)
    record_fields, ticket_fields = (layout(cell_of(word, 1)) for word in ("record", "ticket"))
    for _ in range(50):
        kinds = (chance.choice(list(Standing)), chance.choice(list(Consent)))
        cause = chance.choice(list(Cause))
        word = chance.getrandbits(240) | kinds[0] << 240 | kinds[1] << 248 | cause << 252
        ours = unpack_record(MemberNumber(1), word)
        assert unpack(word, record_fields) == {
            "account": int(ours.account, 16),
            "joinedAt": ours.joined_at,
            "leftAt": ours.left_at or 0,
            "standing": ours.standing,
            "consent": ours.consent,
            "cause": ours.cause,
        }
        word = chance.getrandbits(252)
        ticket = unpack_ticket(TicketId(1), word)
        flags = (ticket.redeemed, ticket.void, ticket.non_transferable, ticket.paid_on_chain)
        names = ("redeemed", "void", "non-transferable", "paid on chain")
        bits = {name: bit for bit, name in numbers_of("flags").items()}
        assert unpack(word, ticket_fields) == {
            "owner": int(ticket.owner, 16),
            "screening": ticket.screening,
            "seat": ticket.seat,
            "member": ticket.member or 0,
            "tier": ticket.tier,
            "flags": sum(bits[name] for name, set_ in zip(names, flags, strict=True) if set_),
        }
    line = pack_line(Address(address(7)), SeatNumber(5), TierIndex(3), Timestamp(1_796_000_000))  # type: ignore[arg-type]  # no checksum needed
    values = {"account": 7, "seat": 5, "tier": 3, "joins": 1, "consentedAt": 1_796_000_000}
    assert unpack(line, layout(cell_of("line", 1))) == values


def numbers_of(name: str) -> dict[int, str]:
    """Read what a field's numbers stand for."""
    pairs = (part.strip().split(" ", 1) for part in cell_of(name, 1).split(","))
    return {int(number): meaning for number, meaning in pairs}


@pytest.mark.parametrize("kind", [Standing, Consent, Cause])
def test_the_numbers_stand_for_what_the_page_says(kind: Any) -> None:
    """The numbers of standing, consent and cause are the ledger's."""
    said = numbers_of(kind.__name__.lower())
    assert {number: kind(number).name.lower() for number in said} == said
    assert set(kind) - set(said) <= {0}


def test_the_chain_s_formula_gives_the_committed_heads() -> None:
    """Replaying the committed events by the page's formula and layouts gives their heads."""
    vectors = json.loads((CONTRACTS / "test" / "vectors" / "register-head.json").read_text("utf-8"))
    first, following = re.findall(r"keccak256\(abi\.encode\((.*)\)\)", page())
    prefix = re.search(r'"(.*)"', first)
    assert prefix is not None
    types = [part.split()[0] for part in following.split(", ")]
    names = [part.split()[1] for part in following.split(", ")]
    start = [part.split()[0] for part in first.split(", ")]
    head = keccak(encode(start, [prefix[1], vectors["chain_id"], vectors["ledger"]]))
    assert "0x" + head.hex() == vectors["genesis"]
    for event in vectors["events"]:
        kind = RegisterKind[event["kind"]]
        name = kind.name.title().replace("_", "")
        assert int(cell_of(name, 1)) == kind
        argument = pack(fields_of(event), layout(cell_of(name, 2)))
        values = {
            "head": head,
            "kind": kind.value,
            "number": event["number"],
            "account": event["account"] or address(0),
            "ticketId": event["ticket_id"],
            "argument": argument,
            "timestamp": event["timestamp"],
        }
        head = keccak(encode(types, [values[each] for each in names]))
        assert (f"0x{argument:064x}", "0x" + head.hex()) == (event["argument"], event["head"])


def fields_of(event: dict[str, Any]) -> dict[str, int]:
    """Return what a committed event packs, under the names of the ledger's own events."""
    enums = {"standing": Standing, "consent": Consent, "cause": Cause}
    renamed = {"old_number": "oldNumber", "consented_at": "consentedAt", "move_kind": "kind"}
    fields = {}
    for key, value in event.items():
        if key in enums:
            fields[key] = enums[key][value].value
        elif key in ("document", "hash"):
            fields[key] = fields["attestation"] = int(value, 16)
        elif key in renamed or key in ("bylaws", "previous"):
            fields[renamed.get(key, key)] = value
    return fields
