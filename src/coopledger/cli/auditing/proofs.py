"""Commands for proofs that anybody verifies without trusting us, or a network."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from coopledger.audit.proofs import proving, verifying
from coopledger.bootstrap import Application
from coopledger.chain.wire.moments import pin
from coopledger.cli.auditing.target import AtOption, LedgerOption, RpcOption, Target, target_of
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show_one
from coopledger.cli.frame.values import parse_at, show_time
from coopledger.domain.accounts import account_of
from coopledger.domain.moments import AtBlock
from coopledger.domain.register import Record
from coopledger.domain.types import BlockNumber, MemberNumber
from coopledger.errors import BadInput
from coopledger.services.register.finding import NeverAMember

OutFile = Annotated[Path, typer.Argument(help="The file to write.", show_default=False)]


class NotAHash(BadInput):
    """What was typed is no hash of a block."""

    text: str

    says = "'{text}' is not the hash of a block"
    advice = "Copy the whole hash from a source that you trust: 0x and 64 digits."


class ProofFileUnusable(BadInput):
    """The file for a proof cannot be written."""

    file: Path
    reason: str

    says = "{file} cannot be written: {reason}"
    advice = "Choose another path."


def add_to(group: typer.Typer) -> None:
    """Add the commands to those of the audit."""
    group.command("bundle")(bundle)
    group.command("prove")(prove)
    group.command("verify")(verify)


def bundle(
    context: typer.Context,
    file: OutFile,
    at: AtOption = None,
    member: Annotated[
        list[int] | None, typer.Option(help="A record to prove by itself, too.")
    ] = None,
    rpc: RpcOption = None,
    ledger: LedgerOption = None,
) -> None:
    """Write one file that proves the whole register as of a block, to be verified offline."""
    work = application(context)
    target = target_of(work, rpc, ledger)
    block = _block(work, target, at)
    members = [MemberNumber(number) for number in member or ()]
    with _Written(file) as opened:
        block_hash = proving.write_register_bundle(
            opened,
            target.chain,
            target.ledger,
            target.first_block or BlockNumber(0),
            block,
            members,
        )
    _say_how_to_verify(file, block, block_hash)


def prove(
    context: typer.Context,
    who: Annotated[str, typer.Argument(help="A number or an account.", show_default=False)],
    file: OutFile,
    at: AtOption = None,
    rpc: RpcOption = None,
    ledger: LedgerOption = None,
) -> None:
    """Write a small file that proves one record as of a block."""
    work = application(context)
    target = target_of(work, rpc, ledger)
    block = _block(work, target, at)
    number = _number(target, who, block)
    with _Written(file) as opened:
        block_hash = proving.write_member_proof(
            opened, target.chain, target.ledger, block, [number]
        )
    _say_how_to_verify(file, block, block_hash)


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A bundle or a proof.", show_default=False)],
    block_hash: Annotated[
        str, typer.Option("--block-hash", help="Of the block, from a source that you trust.")
    ],
    output: FormatOption = Format.TABLE,
) -> None:
    """Verify a bundle or a proof. Needs no network: only the file and the hash of the block."""
    zone = application(context).settings.timezone
    verdict = verifying.verify_bundle(file, _hash(block_hash))

    def proven(record: Record) -> str:
        ended = f"closed {show_time(record.left_at, zone)} ({record.cause.name.lower()})"
        return (
            f"{record.number}: {record.account}, {record.standing.name.lower()}, joined "
            f"{show_time(record.joined_at, zone)}, {ended if record.left_at else 'open'}"
        )

    facts: dict[str, Any] = {
        "verdict": "proven",
        "chain": verdict.chain_id,
        "ledger": verdict.ledger,
        "block": verdict.block.number,
        "block_time": show_time(verdict.block.timestamp, zone),
        "register_head": "0x" + verdict.head.hex(),
        "register_events": verdict.counters.events,
        "members": verdict.counters.members,
        "members_open": verdict.counters.active,
        "proven_members": [proven(record) for record in verdict.records],
        "whole_register": verdict.book is not None,
    }
    show_one(facts, output)


class _Written:
    """A new file that is there whole at the end of the block, or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> Any:
        try:
            self._file = self._part.open("wb")
        except OSError as error:
            raise ProofFileUnusable(self._path, error.strerror or "unwritable") from None
        return self._file

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)


def _block(work: Application, target: Target, at: str | None) -> BlockNumber:
    asked = parse_at(at, work.settings.timezone)
    if isinstance(asked, AtBlock):
        # As it stood after that very block, whatever else is of its second.
        return target.chain.block(asked.number).number
    return pin(target.chain, asked).block.number


def _number(target: Target, who: str, block: BlockNumber) -> MemberNumber:
    if who.isascii() and who.isdigit():
        return MemberNumber(int(who))
    account = account_of(who)
    number = target.ledger.latest_member_of(account, block)
    if number is None:
        raise NeverAMember(account)
    return number


def _hash(text: str) -> bytes:
    digits = text.strip().removeprefix("0x")
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        raise NotAHash(text) from None
    if len(found) != len(bytes(32)):
        raise NotAHash(text)
    return found


def _say_how_to_verify(file: Path, block: BlockNumber, block_hash: bytes) -> None:
    print(f"{file}: {file.stat().st_size:,} bytes, as of block {block}")
    say(
        "Whoever gets it verifies it without a network, with the block's hash from where they trust:"
    )
    say(f"coopledger audit verify {file} --block-hash 0x{block_hash.hex()}")
