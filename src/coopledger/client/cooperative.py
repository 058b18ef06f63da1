"""A cooperative, by node and ledger address: the questions, and the acts of a holder."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address, to_checksum_address
from web3 import Web3
from web3.contract import Contract
from web3.types import Wei

from coopledger.client.artifacts import LEDGER, abi_of, is_code_of
from coopledger.client.asking import (
    CallRefused,
    NodeSaysNo,
    NothingAnswers,
    ask,
    failures_named,
)
from coopledger.client.questions import NoSuchNumber, Questions
from coopledger.client.sending import (
    Fields,
    Message,
    Transaction,
    domain_of,
    in_an_hour,
    seconds_of,
    typed_data,
)
from coopledger.errors import NotAllowed, Untrusted

NO_BYLAWS = 0
"""By-laws of this version: buy without joining."""


class OtherChain(Untrusted):
    """The node serves another chain than the one that was named."""

    expected: int
    served: int

    says = "the node serves chain {served}, not {expected}"
    advice = "Connect to a node of the right chain."


class NotTheLedger(Untrusted):
    """At the address there is no code, or other code than the ledger's."""

    address: str
    found: str

    says = "the ledger is not at {address}: {found}"
    advice = (
        "Take the ledger's address from the cooperative, and see that the node serves its chain."
    )


class AllowanceMissing(NotAllowed):
    """The box office may not take the price, and the currency knows no signed permits."""

    currency: str
    box_office: str
    price: int

    says = (
        "the box office {box_office} may not take {price} of the currency "
        "{currency}, which knows no permits"
    )
    advice = "Let the buyer approve the box office for the price first (ERC-20)."


@dataclass(frozen=True)
class Cooperative(Questions):
    """A cooperative: what anybody can read, and what a holder of tickets can do.

    An act returns a :class:`Transaction` or a :class:`Message`; nothing is sent before its ``send``.
    """

    @classmethod
    def at(
        cls,
        node: Web3 | str,
        ledger: str,
        *,
        chain_id: int | None = None,
        from_block: int = 0,
    ) -> Self:
        """Connect, and make sure that the ledger's own code is at its address.

        Args:
            node: a ``Web3``, or the URL of a node's JSON-RPC over HTTP.
            ledger: the ledger's address.
            chain_id: the chain that the node must serve; any without it.
            from_block: the block of the deployment, from which events are asked for.

        Raises:
            OtherChain: the node serves another chain.
            NotTheLedger: there is something else at the address, or nothing.
            NodeSaysNo, NodeAway: the node gives no answer.
        """
        web3 = Web3(Web3.HTTPProvider(node)) if isinstance(node, str) else node
        if not is_address(ledger):
            raise NotTheLedger(ledger, "it is no address")
        address = to_checksum_address(ledger)
        with failures_named():
            served = web3.eth.chain_id
            code = web3.eth.get_code(address)
        if chain_id not in (None, served):
            raise OtherChain(chain_id, served)
        if not code:
            raise NotTheLedger(address, "there is no code")
        if not is_code_of(LEDGER, code):
            raise NotTheLedger(address, "the code is another contract's or version's")
        return cls(web3, web3.eth.contract(address, abi=abi_of(LEDGER)), served, from_block)

    # -- with a key of one's own --

    def buy(
        self,
        buyer: LocalAccount,
        screening: int,
        tier: int,
        *,
        bylaws: int = NO_BYLAWS,
        seat: int = 0,
        holder: str | None = None,
        max_price: int | None = None,
    ) -> Transaction:
        """Buy a ticket; join by it where by-laws are named.

        It is paid with the chain's coin or the currency, whichever the box office takes: by an
        allowance that it has, or by a permit that is signed here for exactly the price.

        Args:
            buyer: who pays.
            screening: its id.
            tier: the price class, by its place from 0 (see :meth:`tiers`).
            bylaws: the version in force, which the buyer consents to by joining; 0 to not join.
            seat: from 1 where seats are numbered, else 0.
            holder: whose ticket it becomes; the buyer's own without it. Only the buyer can join.
            max_price: the most to pay, in the currency's smallest unit; today's price without it.

        Raises:
            NoSuchNumber: there is no such screening or tier.
            AllowanceMissing: the currency has first to be approved.
            NodeSaysNo, NodeAway: the node gives no answer.
        """
        now = self.block()
        tiers = self.tiers(screening, now)
        if not 0 <= tier < len(tiers):
            raise NoSuchNumber("tier", tier)
        office, price = self.box_office(screening, now), tiers[tier].price
        most = price if max_price is None else max_price
        purchase = (screening, seat, tier, holder or buyer.address, most, bylaws)
        currency = self.currency(screening, now)
        if currency is None:
            return Transaction(buyer, office.functions.buy(purchase), Wei(price))
        if ask(currency.functions.allowance(buyer.address, office.address)) >= price:
            return Transaction(buyer, office.functions.buy(purchase))
        permit = self._permit(currency, buyer, office.address, price, in_an_hour(now.time))
        return Transaction(buyer, office.functions.buyWithPermit(purchase, permit))

    def join(self, holder: LocalAccount, ticket_id: int, *, bylaws: int) -> Transaction:
        """Join with a ticket of one's own.

        Args:
            holder: whose ticket it is.
            ticket_id: the ticket, which becomes the membership card and is locked for good.
            bylaws: the version in force. Show the person its text before: this is their consent.
        """
        return Transaction(holder, self.ledger.functions.join(ticket_id, bylaws))

    def give(self, holder: LocalAccount, ticket_id: int, to: str) -> Transaction:
        """Give a ticket to somebody, who is not enrolled by it."""
        return Transaction(holder, self.ledger.functions.give(ticket_id, to))

    def leave(self, member: LocalAccount) -> Transaction:
        """Leave the cooperative. The ticket stays good for its seat."""
        return Transaction(member, self.ledger.functions.leave())

    # -- by signature, for whoever has no gas --

    def join_message(
        self,
        account: str,
        ticket_id: int,
        *,
        bylaws: int,
        consented_at: datetime | None = None,
        deadline: datetime | None = None,
    ) -> Message:
        """Return what a holder signs to join.

        Args:
            account: the holder.
            ticket_id: the holder's ticket.
            bylaws: the version in force.
            consented_at: when the holder consented, at the latest now; the newest block's time without it.
            deadline: until when the signature is good; an hour from now without it.
        """
        consented = self.block().time if consented_at is None else consented_at
        signed = {
            "account": ("address", account),
            "ticketId": ("uint256", ticket_id),
            "bylaws": ("uint32", bylaws),
            "previous": ("uint32", ask(self.ledger.functions.latestMemberOf(account))),
            "consentedAt": ("uint40", seconds_of(consented)),
        }
        return self._message("Join", "joinBySig", signed, deadline)

    def give_message(self, ticket_id: int, to: str, *, deadline: datetime | None = None) -> Message:
        """Return what a holder signs to give a ticket away. The same gift again needs another deadline."""
        signed = {"ticketId": ("uint256", ticket_id), "to": ("address", to)}
        return self._message("Give", "giveBySig", signed, deadline)

    def leave_message(self, number: int, *, deadline: datetime | None = None) -> Message:
        """Return what a member signs to leave: ``number`` is the open record's."""
        return self._message("Leave", "leaveBySig", {"number": ("uint32", number)}, deadline)

    def _message(
        self, kind: str, function: str, fields: Fields, deadline: datetime | None
    ) -> Message:
        until = in_an_hour(self.block().time) if deadline is None else seconds_of(deadline)
        signed = {**fields, "deadline": ("uint256", until)}
        # The contract knows the previous record itself.
        arguments = tuple(value for name, (_, value) in signed.items() if name != "previous")
        domain = domain_of("coopledger", "1", self.chain_id, self.ledger.address)
        return Message(self.ledger, typed_data(domain, kind, signed), function, arguments)

    def _permit(
        self, currency: Contract, owner: LocalAccount, spender: str, price: int, deadline: int
    ) -> tuple[int, int, int, bytes, bytes]:
        """Sign an ERC-2612 permit. Its domain is the currency's own, whatever that says of itself."""
        try:
            _, name, version, *_ = ask(currency.functions.eip712Domain())
            nonce = ask(currency.functions.nonces(owner.address))
        except (CallRefused, NodeSaysNo, NothingAnswers) as error:
            raise AllowanceMissing(currency.address, spender, price) from error
        fields = {
            "owner": ("address", owner.address),
            "spender": ("address", spender),
            "value": ("uint256", price),
            "nonce": ("uint256", nonce),
            "deadline": ("uint256", deadline),
        }
        domain = domain_of(name, version, self.chain_id, currency.address)
        signed = owner.sign_typed_data(full_message=typed_data(domain, "Permit", fields))
        return price, deadline, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)
