"""Reading a cooperative: each question is asked at one block, by the views of its contracts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract

from coopledger.client.artifacts import BOX_OFFICE, CURRENCY, MANAGER, abi_of
from coopledger.client.asking import CallRefused, ask, events
from coopledger.client.moments import At, block_at
from coopledger.client.values import (
    Block,
    Bylaws,
    Head,
    Member,
    RoleHolder,
    Ticket,
    Tier,
    member_of,
    ticket_of,
)
from coopledger.domain.roles import Role
from coopledger.domain.types import BylawsVersion, TierIndex
from coopledger.errors import NotFound

PAGE = 500
"""Records a request."""


class NoSuchNumber(NotFound):
    """There is no record, ticket, screening or tier of that number."""

    what: str
    number: int

    says = "there is no {what} {number} as of that block"
    advice = "Tiers are numbered from 0, all else from 1; or ask as of a later block."


@dataclass(frozen=True)
class Questions:
    """What anybody can ask of a cooperative.

    ``web3`` and ``ledger`` are web3.py's own objects, for what is not asked here. ``at`` is a block
    as web3.py names one (a number, a hash, "finalized"), a :class:`Block`, or an aware datetime;
    None is now. Every method raises what :func:`block_at` and :func:`ask` raise.
    """

    web3: Web3
    ledger: Contract
    chain_id: int
    from_block: int
    """The first block whose events can be the ledger's; 0 is always right, and slow on a long chain."""

    def block(self, at: At = None) -> Block:
        """Return the block that a moment is about, to ask several things as of the same one."""
        return block_at(self.web3, at)

    # -- the register --

    def members(self, at: At = None) -> list[Member]:
        """Return who was a member: the records that were open, by number."""
        return [record for record in self.records(at) if record.left_at is None]

    def records(self, at: At = None) -> list[Member]:
        """Return every record, also those that were closed, by number; 500 a request."""
        block, functions, found = self.block(at), self.ledger.functions, list[Member]()
        for start in range(1, ask(functions.memberCount(), block) + 1, PAGE):
            words = ask(functions.members(start, PAGE), block)
            found += [member_of(number, word) for number, word in enumerate(words, start)]
        return found

    def member(self, number: int, at: At = None) -> Member:
        """Return one record, open or closed.

        Raises:
            NoSuchNumber: there is none.
        """
        return member_of(number, self._one("member", number, at))

    def member_of(self, account: str, at: At = None) -> Member | None:
        """Return an account's open membership; None if it was no member."""
        block = self.block(at)
        number = ask(self.ledger.functions.memberOf(to_checksum_address(account)), block)
        return self.member(number, block) if number else None

    def head(self, at: At = None) -> Head:
        """Return the head of the register's hash chain, and how many events it covers."""
        block, functions = self.block(at), self.ledger.functions
        return Head(
            HexBytes(ask(functions.registerHead(), block)), ask(functions.eventCount(), block)
        )

    def bylaws(self, at: At = None) -> list[Bylaws]:
        """Return the versions of the by-laws, the one in force last."""
        block, functions = self.block(at), self.ledger.functions
        versions = range(1, ask(functions.bylawsVersion(), block) + 1)
        return [
            Bylaws(BylawsVersion(each), HexBytes(ask(functions.bylawsHash(each), block)))
            for each in versions
        ]

    # -- tickets --

    def ticket(self, ticket_id: int, at: At = None) -> Ticket:
        """Return one ticket.

        Raises:
            NoSuchNumber: there is none.
        """
        return ticket_of(ticket_id, self._one("ticket", ticket_id, at))

    def tickets_of(self, account: str, at: At = None) -> list[Ticket]:
        """Return the tickets that an account held, by id: found by the events, read by the views."""
        block, holder = self.block(at), to_checksum_address(account)
        came = self._events(self.ledger, "Transfer", block, to=holder)
        tickets = [self.ticket(each, block) for each in sorted({args["id"] for args in came})]
        return [ticket for ticket in tickets if ticket.owner == holder]

    # -- selling --

    def box_office(self, screening: int, at: At = None) -> Contract:
        """Return the box office that sells a screening, as web3.py's contract.

        Raises:
            NoSuchNumber: the screening was not opened.
        """
        issuer, *_ = ask(self.ledger.functions.screening(screening), self.block(at))
        if int(issuer, 16) == 0:
            raise NoSuchNumber("screening", screening)
        return self._contract(BOX_OFFICE, issuer)

    def tiers(self, screening: int, at: At = None) -> list[Tier]:
        """Return what a screening's tickets cost, in the currency's smallest unit.

        Raises:
            NoSuchNumber: the screening was not opened.
        """
        block = self.block(at)
        answers = ask(self.box_office(screening, block).functions.tiers(screening), block)
        return [
            Tier(TierIndex(index), name, price, deposit)
            for index, (price, deposit, _, _, name) in enumerate(answers)
        ]

    def currency(self, screening: int, at: At = None) -> Contract | None:
        """Return the ERC-20 that a screening is paid in, as web3.py's contract; None for the chain's coin.

        Raises:
            NoSuchNumber: the screening was not opened.
        """
        block = self.block(at)
        address = ask(self.box_office(screening, block).functions.currency(), block)
        return self._contract(CURRENCY, address) if int(address, 16) else None

    # -- roles --

    def roles(self, at: At = None) -> list[RoleHolder]:
        """Return who held which role: found by the events, asked of the access manager."""
        block = self.block(at)
        manager = self._contract(MANAGER, ask(self.ledger.functions.authority(), block))
        granted = {
            (args["roleId"], args["account"])
            for args in self._events(manager, "RoleGranted", block)
            if args["roleId"] in set(Role)
        }
        held = []
        for role, account in sorted(granted):
            has, delay_s = ask(manager.functions.hasRole(role, account), block)
            if has:
                held.append(RoleHolder(Role(role), account, timedelta(seconds=delay_s)))
        return held

    # -- how it is asked --

    def _one(self, function: str, number: int, at: At) -> Any:
        """Ask about something numbered that may not be there."""
        try:
            return ask(self.ledger.functions[function](number), self.block(at))
        except CallRefused as refusal:
            if refusal.error in ("UnknownMember", "TokenDoesNotExist"):
                raise NoSuchNumber(function, number) from None
            raise

    def _events(self, contract: Contract, name: str, block: Block, **arguments: Any) -> list[Any]:
        found = events(contract.events[name](), self.from_block, block.number, **arguments)
        return [each["args"] for each in found]

    def _contract(self, name: str, address: str) -> Contract:
        return self.web3.eth.contract(to_checksum_address(address), abi=abi_of(name))
