"""What every contract error means to a person: its family, a sentence, and what to do next.

The sentences name the errors' arguments, in the spelling of :mod:`coopledger.chain.contracts.reverts`
(``ticketId`` is ``ticket_id``), and a word after the colon says how to show one: ``{until:time}``,
``{cause:cause}``. A test fills in every sentence of every error in the artifacts, so none can be missing
or name an argument that is not there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from coopledger.domain.moves import MoveState
from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.roles import Role
from coopledger.domain.types import Timestamp, to_datetime
from coopledger.errors import BadInput, CoopledgerError, NotAllowed, NotFound, Refused, Sentence


@dataclass(frozen=True)
class Refusal:
    """An error's family, the sentence with its arguments' places, and the advice."""

    family: type[CoopledgerError]
    says: str
    advice: str


def fill_in(says: str, arguments: Mapping[str, Any]) -> str:
    """Return a sentence with the arguments filled in, as the words after the colons say."""
    return _Sentence().vformat(says, (), arguments)


def _name_in(kind: type[IntEnum]) -> Callable[[int], str]:
    return lambda value: kind(value).name if value in set(kind) else str(value)


def _word_of(kind: type[IntEnum]) -> Callable[[int], str]:
    return lambda value: _name_in(kind)(value).lower()


def _time(value: int) -> str:
    try:
        return f"{to_datetime(Timestamp(value)):%Y-%m-%d %H:%M:%S %Z}"
    except (ValueError, OverflowError, OSError):
        return f"second {value}"  # beyond what a calendar can show


_SHOWN: Mapping[str, Callable[[Any], str]] = {
    "time": _time,
    "standing": _word_of(Standing),
    "consent": _word_of(Consent),
    "cause": _word_of(Cause),
    "move": _word_of(MoveState),
    "role": _name_in(Role),
    "amount": lambda value: f"{value:,}",
    "list": lambda values: ", ".join(map(str, values)),
}


class _Sentence(Sentence):
    def format_field(self, value: Any, format_spec: str) -> Any:
        if format_spec in _SHOWN:
            return _SHOWN[format_spec](value)
        return super().format_field(value, format_spec)


_CHECK_TICKET = "Look the ticket up with coopledger ticket."
_CHECK_MEMBER = "Look the member up with coopledger member."
_CHECK_SCREENING = "See the screenings with coopledger screening list."
_ASK_ADMIN = "Use a key that has the role, or ask an admin to grant it."
_SIGN_AGAIN = "Have the person sign a new one."
_REPORT = "This should not happen: report it with the transaction."
_SCHEDULE = "Schedule the operation first, and run it when its delay is over."

REFUSALS: Mapping[str, Refusal] = {
    # Tickets
    "UnknownScreening": Refusal(
        NotFound, "the ledger has no screening {screening}", _CHECK_SCREENING
    ),
    "NotTheIssuer": Refusal(
        NotAllowed,
        "screening {screening} belongs to the box office {issuer}, not to {caller}",
        "Use the box office contract that opened the screening.",
    ),
    "BadScreeningTimes": Refusal(
        BadInput,
        "a screening cannot run from {starts_at:time} to {ends_at:time}",
        "It must end after it starts, and its start may only move later.",
    ),
    "BadLine": Refusal(BadInput, "line {index} of the batch cannot be read by the ledger", _REPORT),
    "NotOfThisScreening": Refusal(
        Refused, "ticket {ticket_id} is not for screening {screening}", _CHECK_TICKET
    ),
    "TicketIsVoid": Refusal(Refused, "ticket {ticket_id} is void", _CHECK_TICKET),
    "TicketNotRedeemed": Refusal(
        Refused, "ticket {ticket_id} has not been used at the gate", _CHECK_TICKET
    ),
    "TicketLocked": Refusal(
        Refused,
        "ticket {ticket_id} cannot change hands any more",
        "A ticket stays with its holder once it is a member's card, used, void or personal.",
    ),
    "TicketBound": Refusal(
        Refused,
        "ticket {ticket_id} is already the card of member {member}",
        "Use another ticket to join with.",
    ),
    "NotTheHolder": Refusal(
        NotAllowed,
        "ticket {ticket_id} belongs to {holder}, not to {caller}",
        "Have the holder do it.",
    ),
    "OutsideGateHours": Refusal(
        Refused,
        "the gate of screening {screening} is open from {opens_at:time} to {closes_at:time}",
        "Check the clock and the screening's times.",
    ),
    "ValueNotAccepted": Refusal(
        BadInput, "the ledger takes no money", "Send the call without a value."
    ),
    # The register
    "AlreadyMember": Refusal(
        Refused, "{account} is already member {number}", "Nothing needs to be done."
    ),
    "NotAMember": Refusal(
        NotFound, "{account} is not a member", "Check the account, or whether the member has left."
    ),
    "UnknownMember": Refusal(NotFound, "the register has no member {number}", "Check the number."),
    "MembershipClosed": Refusal(
        Refused, "membership {number} is closed ({cause:cause})", _CHECK_MEMBER
    ),
    "WrongBylaws": Refusal(
        Refused,
        "the consent names version {given} of the by-laws; version {current} is in force",
        "Show the person the by-laws in force, and ask again.",
    ),
    "EmptyBylaws": Refusal(
        BadInput, "the by-laws have no hash", "Give the file of the by-laws to be recorded."
    ),
    "BadConsentTime": Refusal(
        BadInput,
        "a consent cannot be of {consented_at:time}; it is {timestamp:time} on the chain",
        "Give the day on which the person consented; it cannot lie in the future.",
    ),
    "BadConsent": Refusal(
        Refused,
        "a consent of the kind '{consent:consent}' cannot be recorded in this way",
        "Have the person sign, or record the paper or form that they signed.",
    ),
    "AttestationMissing": Refusal(
        BadInput,
        "the consent on paper names no paper",
        "Give the reference of the paper or form (--attestation).",
    ),
    "BadCause": Refusal(
        Refused,
        "a membership is not closed in this way for the cause '{cause:cause}'",
        "Choose expelled, deceased or annulled; a member leaves by their own signature.",
    ),
    "BadStanding": Refusal(
        BadInput,
        "a member cannot have the standing '{standing:standing}'",
        "Choose associate or full.",
    ),
    "StandingUnchanged": Refusal(
        Refused, "member {number} is already {standing:standing}", "Nothing needs to be done."
    ),
    "TimeNotPast": Refusal(
        BadInput,
        "{time:time} has not passed; it is {timestamp:time} on the chain",
        "Ask about an earlier time.",
    ),
    # Moves
    "WrongMoveState": Refusal(
        Refused,
        "the move of membership {number} stands at '{state:move}', which does not allow this",
        _CHECK_MEMBER,
    ),
    "MoveNotReady": Refusal(
        Refused,
        "the move of membership {number} cannot be accepted before {ready_at:time}",
        "Wait until then; nobody can shorten the delay.",
    ),
    "BadMoveTarget": Refusal(
        BadInput,
        "a membership cannot move to {to}",
        "Give the new account, which must differ from the old one.",
    ),
    "NotTheOldKey": Refusal(
        NotAllowed,
        "only {account} may veto the move of membership {number}, not {caller}",
        "Veto with the old key; if it is lost, ask the guardian to cancel.",
    ),
    "NotTheMoveTarget": Refusal(
        NotAllowed,
        "the move of membership {number} leads to {to}, so {caller} cannot accept it",
        "Accept with the key of the new account.",
    ),
    "AccountFrozen": Refusal(
        Refused,
        "{account} is frozen while a contested move is decided",
        "Wait for the decision, or ask the guardian.",
    ),
    # Signatures
    "BadSignature": Refusal(
        NotAllowed, "the signature is not {account}'s for exactly this", _SIGN_AGAIN
    ),
    "SignatureUsed": Refusal(Refused, "the signature has been used", _SIGN_AGAIN),
    "SignatureExpired": Refusal(
        Refused, "the signature was good until {deadline:time}", _SIGN_AGAIN
    ),
    # Sales
    "UnknownFilm": Refusal(NotFound, "the box office has no film {film}", "Add the film first."),
    "UnknownSale": Refusal(
        NotFound, "this box office does not sell screening {screening}", _CHECK_SCREENING
    ),
    "UnknownTier": Refusal(NotFound, "screening {screening} has no tier {tier}", _CHECK_SCREENING),
    "BadAnnouncement": Refusal(
        BadInput,
        "the screening's times, capacity or amounts do not fit together",
        "Check that sales begin before they end, and that there are places and prices.",
    ),
    "BadTier": Refusal(
        BadInput,
        "a deposit of {deposit:amount} is more than the price of {price:amount}",
        "The deposit is a part of the price: lower it.",
    ),
    "TierFixed": Refusal(
        Refused,
        "tier {tier} of screening {screening} is fixed, since tickets of it were sold",
        "Add a new tier.",
    ),
    "TooManyTiers": Refusal(
        Refused, "screening {screening} cannot have more tiers", "Use the tiers that it has."
    ),
    "ScreeningIsCancelled": Refusal(
        Refused, "screening {screening} is cancelled", _CHECK_SCREENING
    ),
    "TooLate": Refusal(
        Refused, "for screening {screening} that was possible until {until:time}", _CHECK_SCREENING
    ),
    "TooEarly": Refusal(
        Refused, "for screening {screening} that is possible from {from_:time}", _CHECK_SCREENING
    ),
    "SoldOut": Refusal(
        Refused,
        "screening {screening} has {capacity} places, too few for {wanted} tickets in all",
        "Sell fewer, or another screening.",
    ),
    "SeatTaken": Refusal(
        Refused, "seat {seat} of screening {screening} is taken", "Choose another seat."
    ),
    "BadSeat": Refusal(
        BadInput, "screening {screening} has no seat {seat}", "Choose a seat that it has."
    ),
    "PriceAbove": Refusal(
        Refused,
        "the price is {price:amount}, more than the {max_price:amount} agreed to",
        "Ask the buyer again, with the price of today.",
    ),
    "WrongPayment": Refusal(
        BadInput, "{paid:amount} was paid for a price of {price:amount}", "Pay exactly the price."
    ),
    "ConsentNotOwn": Refusal(
        Refused,
        "{buyer} cannot consent for {holder}",
        "Buy without joining; the holder can join with the ticket.",
    ),
    "WrongSequence": Refusal(
        Refused,
        "another batch for screening {screening} was sold first (now {expected}, sent {given})",
        "Run the import again: it reads the chain and sends what is still missing.",
    ),
    "WrongReferences": Refusal(
        BadInput, "{lines} tickets came with {references} order references", _REPORT
    ),
    "NotSoldHere": Refusal(
        Refused,
        "ticket {ticket_id} was not sold by this box office",
        "Use the box office contract that sold it.",
    ),
    "NotPaidOnChain": Refusal(
        Refused,
        "ticket {ticket_id} was not paid on the chain",
        "Give the money back where it was paid, and void the ticket.",
    ),
    "PaidOnChain": Refusal(
        Refused, "ticket {ticket_id} was paid on the chain", "Refund it instead of voiding it."
    ),
    "TicketUsed": Refusal(Refused, "ticket {ticket_id} has been used at the gate", _CHECK_TICKET),
    "NoDepositDue": Refusal(
        Refused,
        "no deposit is due for ticket {ticket_id} (its membership: {cause:cause})",
        "A deposit goes back after a membership has ended in a way that returns it.",
    ),
    "DepositReturnedBefore": Refusal(
        Refused, "the deposit of ticket {ticket_id} was returned before", "Nothing is due."
    ),
    "NoRecipient": Refusal(BadInput, "nobody is named to get the money", "Give an account."),
    # Roles (OpenZeppelin)
    "AccessManagedUnauthorized": Refusal(
        NotAllowed, "{caller} does not have the role that this needs", _ASK_ADMIN
    ),
    "AccessManagedRequiredDelay": Refusal(
        Refused, "{caller} must wait {delay} seconds between asking and doing this", _SCHEDULE
    ),
    "AccessManagedInvalidAuthority": Refusal(
        BadInput, "{authority} is no access manager", "Give the address of one."
    ),
    "AccessManagerAlreadyScheduled": Refusal(
        Refused, "operation {operation_id:hex} is scheduled already", "Wait for its time."
    ),
    "AccessManagerBadConfirmation": Refusal(
        NotAllowed, "a role is given up by its own holder only", "Use the holder's key."
    ),
    "AccessManagerExpired": Refusal(
        Refused, "operation {operation_id:hex} was not run in time", "Schedule it again."
    ),
    "AccessManagerInvalidInitialAdmin": Refusal(
        BadInput, "{initial_admin} cannot be the first admin", "Give another account."
    ),
    "AccessManagerLockedFunction": Refusal(
        Refused, "the rights of function {selector:hex} are fixed", "Nothing can change them."
    ),
    "AccessManagerLockedRole": Refusal(
        Refused, "the role {role_id:role} is fixed", "Nothing can change it."
    ),
    "AccessManagerNotReady": Refusal(
        Refused, "the delay of operation {operation_id:hex} is not over", "Wait for its time."
    ),
    "AccessManagerNotScheduled": Refusal(
        Refused, "operation {operation_id:hex} is not scheduled", _SCHEDULE
    ),
    "AccessManagerUnauthorizedAccount": Refusal(
        NotAllowed, "{msgsender} does not have the role {role_id:role}", _ASK_ADMIN
    ),
    "AccessManagerUnauthorizedCall": Refusal(
        NotAllowed, "{caller} may not call function {selector:hex} of {target}", _ASK_ADMIN
    ),
    "AccessManagerUnauthorizedCancel": Refusal(
        NotAllowed,
        "{msgsender} may not cancel what {caller} scheduled for {target}",
        "Ask the caller, an admin or the role's guardian.",
    ),
    "AccessManagerUnauthorizedConsume": Refusal(
        NotAllowed, "{target} may not use up a scheduled operation", _REPORT
    ),
    # ERC-721 (Solady)
    "AccountBalanceOverflow": Refusal(Refused, "the account holds too many tickets", _REPORT),
    "BalanceQueryForZeroAddress": Refusal(
        BadInput, "the zero address has no balance", "Give an account."
    ),
    "NotOwnerNorApproved": Refusal(
        NotAllowed, "only the ticket's holder may do this", "Use the holder's key."
    ),
    "TokenAlreadyExists": Refusal(Refused, "the ticket exists already", _REPORT),
    "TokenDoesNotExist": Refusal(NotFound, "there is no such ticket", "Check the ticket's id."),
    "TransferFromIncorrectOwner": Refusal(
        NotAllowed, "the ticket does not belong to the account named as giver", _CHECK_TICKET
    ),
    "TransferToNonERC721ReceiverImplementer": Refusal(
        Refused, "the receiving contract does not take tickets", "Give the ticket to a person."
    ),
    "TransferToZeroAddress": Refusal(
        BadInput, "a ticket cannot be given to the zero address", "Give an account."
    ),
    # The currency (OpenZeppelin)
    "ERC20InsufficientAllowance": Refusal(
        Refused,
        "{spender} may spend {allowance:amount}, and {needed:amount} is needed",
        "Have the buyer allow the price.",
    ),
    "ERC20InsufficientBalance": Refusal(
        Refused,
        "{sender} has {balance:amount}, and {needed:amount} is needed",
        "Have the buyer top the account up.",
    ),
    "ERC20InvalidApprover": Refusal(BadInput, "{approver} cannot allow spending", _REPORT),
    "ERC20InvalidReceiver": Refusal(
        BadInput, "{receiver} cannot receive money", "Give another account."
    ),
    "ERC20InvalidSender": Refusal(BadInput, "{sender} cannot send money", "Give another account."),
    "ERC20InvalidSpender": Refusal(
        BadInput, "{spender} cannot be allowed to spend", "Give another account."
    ),
    "ERC2612ExpiredSignature": Refusal(
        Refused, "the permit was good until {deadline:time}", _SIGN_AGAIN
    ),
    "ERC2612InvalidSigner": Refusal(
        NotAllowed, "the permit was signed by {signer}, not by {owner}", _SIGN_AGAIN
    ),
    "InvalidAccountNonce": Refusal(
        Refused, "the permit of {account} does not carry number {current_nonce}", _SIGN_AGAIN
    ),
    "SafeERC20FailedOperation": Refusal(
        Refused, "the currency {token} refused the payment", "Check balance and allowance."
    ),
    "ECDSAInvalidSignature": Refusal(NotAllowed, "the signature is not valid", _SIGN_AGAIN),
    "ECDSAInvalidSignatureLength": Refusal(
        BadInput, "a signature does not have {length} bytes", _SIGN_AGAIN
    ),
    "ECDSAInvalidSignatureS": Refusal(
        NotAllowed, "the signature is not in its one accepted form", _SIGN_AGAIN
    ),
    # Parts of OpenZeppelin that speak only when something is badly wrong
    "AddressEmptyCode": Refusal(BadInput, "there is no contract at {target}", "Check the address."),
    "CheckpointUnorderedInsertion": Refusal(
        Refused, "the register's times are not in order", _REPORT
    ),
    "FailedCall": Refusal(
        Refused, "a payment or a call to another account failed", "Check that it takes money."
    ),
    "InsufficientBalance": Refusal(
        Refused,
        "the contract has {balance:amount}, and {needed:amount} is needed",
        "Check what it may pay out.",
    ),
    "InvalidShortString": Refusal(BadInput, "a stored name cannot be read", _REPORT),
    "ReentrancyGuardReentrantCall": Refusal(
        Refused, "the contract was called again before it was done", _REPORT
    ),
    "SafeCastOverflowedUintDowncast": Refusal(
        BadInput, "{value} does not fit in {bits} bits", "Give a smaller number."
    ),
    "StringTooLong": Refusal(BadInput, "a name is too long: {str}", "Give a shorter one."),
}
