"""One file that proves the register, or one membership, to whoever knows the hash of a block.

Lines of JSON: the first holds the block's header, the proofs and what they are of; each other line is one
event of the register, in order (none in a proof of single members). What the first line says is not
believed. It only tells where to look; every figure of a verdict comes from a proof or from events that
hash to the proven head.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from coopledger.domain.accounts import NotAnAccount, account_of
from coopledger.domain.register import RegisterEvent, RegisterKind
from coopledger.domain.types import Address, ChainId, MemberNumber, TicketId, Timestamp
from coopledger.errors import BadInput

FORMAT = "coopledger/register-bundle/1"
_LONGEST_FIRST_LINE = 64 * 1024 * 1024
_LONGEST_LINE = 1000
_EVENT_MEMBERS = 6


class NotABundle(BadInput):
    """The file is not one that an audit or a proof writes."""

    line: int
    reason: str

    says = "line {line} of the file is no part of a bundle: {reason}"
    advice = "Give the file as 'coopledger audit bundle' or 'audit prove' wrote it."


@dataclass(frozen=True)
class Preamble:
    """The first line. ``slots`` are proofs by storage slot; ``members`` whose records are proven."""

    chain_id: ChainId
    ledger: Address
    header: bytes
    account_proof: tuple[bytes, ...]
    slots: Mapping[int, tuple[bytes, ...]]
    members: tuple[MemberNumber, ...]
    events: int


def write_bundle(file: BinaryIO, preamble: Preamble, events: Iterable[RegisterEvent]) -> None:
    """Write a bundle; the events are written as they come."""
    first = {
        "format": FORMAT,
        "chain_id": preamble.chain_id,
        "ledger": preamble.ledger,
        "header": _hex(preamble.header),
        "account_proof": [_hex(node) for node in preamble.account_proof],
        "slots": {hex(slot): [_hex(n) for n in proof] for slot, proof in preamble.slots.items()},
        "members": list(preamble.members),
        "events": preamble.events,
    }
    file.write(orjson.dumps(first, option=orjson.OPT_APPEND_NEWLINE))
    for event in events:
        line = (
            event.kind.value,
            event.number,
            event.account,
            event.ticket_id or 0,
            hex(event.argument),
            event.timestamp,
        )
        file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def read_preamble(file: BinaryIO) -> Preamble:
    """Read the first line.

    Raises:
        NotABundle: it is something else.
    """
    line = file.readline(_LONGEST_FIRST_LINE)
    try:
        first: Any = orjson.loads(line)
        if first["format"] != FORMAT:
            raise NotABundle(1, f"its format is not {FORMAT}")
        return Preamble(
            ChainId(_natural(first["chain_id"])),
            account_of(first["ledger"]),
            _bytes(first["header"]),
            tuple(_bytes(node) for node in first["account_proof"]),
            {
                int(slot, 16): tuple(_bytes(node) for node in proof)
                for slot, proof in first["slots"].items()
            },
            tuple(MemberNumber(_natural(number)) for number in first["members"]),
            _natural(first["events"]),
        )
    except NotAnAccount as error:
        raise NotABundle(1, str(error)) from None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotABundle(1, f"it cannot be read ({type(error).__name__})") from None


def read_events(file: BinaryIO) -> Iterator[RegisterEvent]:
    """Yield the events of the lines that follow, as they are read.

    Raises:
        NotABundle: a line is no event; says which.
    """
    number = 1
    while line := file.readline(_LONGEST_LINE):
        number += 1
        try:
            kind, record, account, ticket_id, argument, timestamp = orjson.loads(line)
            yield RegisterEvent(
                RegisterKind(kind),
                _natural(record),
                None if account is None else _account(account),
                TicketId(_natural(ticket_id)) or None,
                _word(argument),
                Timestamp(_natural(timestamp)),
            )
        except (orjson.JSONDecodeError, TypeError, ValueError, AttributeError) as error:
            raise NotABundle(number, f"it is no event ({type(error).__name__})") from None


def open_bundle(path: Path) -> BinaryIO:
    """Open a bundle to read.

    Raises:
        NotABundle: there is no such file.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise NotABundle(1, error.strerror or type(error).__name__) from None


def _hex(content: bytes) -> str:
    return "0x" + content.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _natural(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 64:
        raise ValueError(value)
    return value


def _word(text: str) -> int:
    value = int(text, 16)
    if not 0 <= value < 1 << 256:
        raise ValueError(text)
    return value


def _account(text: str) -> Address:
    # The checksum is not needed here: the hash chain covers the account itself.
    if len(_bytes(text)) != len(bytes(20)):
        raise ValueError(text)
    return Address(text)  # type: ignore[arg-type]  # its spelling is the file's
