"""A cooperative's ledger on web3.py's own objects, for notebooks and other programs.

    from coopledger.client import Cooperative

    coop = Cooperative.at("http://127.0.0.1:8545", "0x…")
    coop.members(at=datetime(2026, 12, 1, tzinfo=UTC))

It shares no code with the service (docs/decisions/python-client.md). Failures are of the families of
:mod:`coopledger.errors`.
"""

from coopledger.client.asking import CallRefused, NodeAway, NodeSaysNo, NothingAnswers
from coopledger.client.cooperative import (
    AllowanceMissing,
    Cooperative,
    NotTheLedger,
    OtherChain,
)
from coopledger.client.moments import At, BlockMissing, MomentToCome, MomentWithoutZone
from coopledger.client.questions import NoSuchNumber
from coopledger.client.sending import Message, SentAndFailed, SentAndUnknown, Transaction
from coopledger.client.values import Block, Bylaws, Head, Member, RoleHolder, Ticket, Tier
from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.roles import Role

__all__ = [
    "AllowanceMissing",
    "At",
    "Block",
    "BlockMissing",
    "Bylaws",
    "CallRefused",
    "Cause",
    "Consent",
    "Cooperative",
    "Head",
    "Member",
    "Message",
    "MomentToCome",
    "MomentWithoutZone",
    "NoSuchNumber",
    "NodeAway",
    "NodeSaysNo",
    "NotTheLedger",
    "NothingAnswers",
    "OtherChain",
    "Role",
    "RoleHolder",
    "SentAndFailed",
    "SentAndUnknown",
    "Standing",
    "Ticket",
    "Tier",
    "Transaction",
]
