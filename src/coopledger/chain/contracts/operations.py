"""What a call that needs a role would do, in plain words.

Whoever holds a delayed role can schedule any bytes. What cannot be read is said to be so, and a text in a
call is shown without what a terminal would obey.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from coopledger.chain.contracts.contract import CallUnreadable, Function, functions_of
from coopledger.chain.contracts.refusals import fill_in

#: By function; the names are the contract's own, and a word after the colon says how to show one.
SAYS: Mapping[str, str] = {
    # The ledger
    "openScreening": "open a screening from {startsAt:time} to {endsAt:time}",
    "issue": "issue tickets of screening {id}",
    "redeem": "let the bearers of tickets {ticketIds:list} into screening {id}",
    "unredeem": "take back that ticket {ticketId} was used",
    "setStanding": "make member {number} {standing:standing}",
    "enrol": "enrol the holder of ticket {ticketId}, who consented on {consentedAt:time}",
    "close": "close the record of member {number} ({cause:cause})",
    "setBylaws": "record by-laws {hash:hex}",
    "setBaseURI": "read metadata at {uri}",
    "proposeMove": "propose to move member {number} to {to}",
    "contestMove": "open a contested move of member {number} to {to}",
    "cancelMove": "cancel the move of member {number}",
    "moveNow": "move member {number} to {to} at once, as both keys signed",
    # The box office
    "addFilm": "add the film {title} ({year})",
    "addScreening": "announce a screening",
    "setTier": "set tier {tier} of screening {screening}",
    "sell": "sell tickets of screening {screening}",
    "void": "void tickets {ticketIds:list} of screening {screening}",
    "cancelScreening": "cancel screening {screening}",
    "postpone": "postpone screening {screening} to {startsAt:time}",
    "withdraw": "withdraw the takings of screening {screening} to {to}",
    "returnDepositTo": "pay the deposit of ticket {ticketId} to the heir {heir}",
    "recordDepositReturn": "record that the deposit of ticket {ticketId} was returned",
    # The access manager
    "grantRole": "grant {roleId:role} to {account} with a delay of {executionDelay:amount} s",
    "revokeRole": "take {roleId:role} from {account}",
    "labelRole": "name the role {roleId:role} {label}",
    "setRoleAdmin": "let {admin:role} grant {roleId:role}",
    "setRoleGuardian": "let {guardian:role} cancel what {roleId:role} schedules",
    "setGrantDelay": "let a grant of {roleId:role} wait {newDelay:amount} s",
    "setTargetFunctionRole": "let {roleId:role} call functions of {target}",
    "setTargetAdminDelay": "let changes of the rights of {target} wait {newDelay:amount} s",
    "setTargetClosed": "close (or open) all restricted functions of {target}: {closed}",
    "updateAuthority": "put {target} under the access manager {newAuthority}",
}

_LONGEST_TEXT = 80


@dataclass(frozen=True)
class Described:
    """A call in words. ``function`` is empty, and there are no arguments, where it is not known."""

    function: str
    arguments: Mapping[str, Any]
    says: str


def describe(contract: str, data: bytes) -> Described:
    """Return what a call of one of our contracts asks for.

    Args:
        contract: the contract's artifact.
        data: the call's bytes.
    """
    named = _by_selector(contract).get(data[:4])
    if named is None:
        return Described("", {}, f"call an unknown function (0x{data[:4].hex()})")
    name, function = named
    try:
        arguments = function.arguments_in(data)
    except CallUnreadable:
        return Described(name, {}, f"call {name} with arguments that cannot be read")
    shown = {key: _visible(value) for key, value in arguments.items()}
    says = SAYS.get(name)
    if says is None:
        listed = ", ".join(f"{key} {value}" for key, value in shown.items())
        return Described(name, arguments, f"call {name}: {listed}")
    return Described(name, arguments, fill_in(says, shown))


@cache
def _by_selector(contract: str) -> dict[bytes, tuple[str, Function]]:
    return {each.selector: (name, each) for name, each in functions_of(contract).items()}


def _visible(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cut = value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 1] + "…"
    return "".join(sign if sign.isprintable() else "�" for sign in cut)
