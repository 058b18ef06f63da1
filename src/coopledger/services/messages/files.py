"""The file in which a message travels from who writes it to who signs it, and to who sends it.

It holds the JSON that ``eth_signTypedData_v4`` takes, so that any wallet can sign it, and beside that the
signatures by the accounts that gave them. A file comes from anybody, so it is read strictly; whatever is
not exactly a message of ours is refused, with the place in the file.
"""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from coopledger.domain.accounts import NotAnAccount, account_of
from coopledger.domain.signed_messages import MEMBERS, Message, MessageKind, SigningDomain
from coopledger.domain.types import Address, ChainId
from coopledger.errors import BadInput, Refused

LARGEST_FILE = 64 * 1024
"""Bytes. A message with all the tickets that it may name is well below."""
MOST_TICKETS = 500
"""Ticket ids that one message may name; more do not fit into a transaction."""
_LONGEST_SIGNATURE = 4096
_MOST_SIGNATURES = 8
_HEXADECIMAL = re.compile(r"0x(?:[0-9a-fA-F]{2})+")
_LONGEST_TEXT = 100

Signatures = Mapping[Address, bytes]
"""What each account signed with: 65 bytes of a key, or whatever a contract account takes."""


class MessageFile(NamedTuple):
    """What a file holds."""

    message: Message
    signatures: Signatures


class MessageFileUnreadable(BadInput):
    """The file cannot be read or written."""

    file: Path
    reason: str

    says = "the message file {file} cannot be used: {reason}"
    advice = "Check the path."


class NotAMessage(BadInput):
    """The file holds something that is no message to this cooperative."""

    place: str
    reason: str

    says = "this is no message to a cooperative: {place} {reason}"
    advice = "Ask for a new file, and do not sign this one in another program."


class MessageFileExists(Refused):
    """A new message would overwrite a file."""

    file: Path

    says = "{file} exists already"
    advice = "Choose another name; somebody may have signed the old one."


def read_message(path: Path) -> MessageFile:
    """Read a message and its signatures.

    The domain is read and not compared: see ``relaying.check_domain``.

    Raises:
        MessageFileUnreadable: there is no such file.
        NotAMessage: it is too large, or not exactly a message; says where.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise MessageFileUnreadable(path, error.strerror or type(error).__name__) from None
    return parse_message(content)


def write_message(
    path: Path, message: Message, signatures: Signatures, *, replace: bool = False
) -> None:
    """Write a message and its signatures; whoever reads the file sees all of it or none.

    Args:
        path: the file.
        message: what is signed.
        signatures: by account; empty for a message that is still to be signed.
        replace: whether the file may be there already.

    Raises:
        MessageFileExists: it is there.
        MessageFileUnreadable: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(message_bytes(message, signatures))
        try:
            if replace:
                beside.replace(path)
            else:
                # A hard link is made only where there is nothing yet.
                os.link(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError:
        raise MessageFileExists(path) from None
    except OSError as error:
        raise MessageFileUnreadable(path, error.strerror or type(error).__name__) from None


def message_bytes(message: Message, signatures: Signatures) -> bytes:
    """Return the content of the file; :func:`parse_message` reads it back."""
    content = message.typed_data()
    if signatures:
        content["signatures"] = {
            account: "0x" + signature.hex() for account, signature in signatures.items()
        }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def parse_message(content: bytes) -> MessageFile:
    """Read the content of a message file.

    Raises:
        NotAMessage: it is not exactly one.
    """
    if len(content) > LARGEST_FILE:
        raise NotAMessage("the file", f"has more than {LARGEST_FILE} bytes")
    try:
        whole: Any = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise NotAMessage("the file", f"is not JSON ({error.msg})") from None
    optional = {"signatures"} if isinstance(whole, dict) and "signatures" in whole else set()
    parts = _members(whole, "the file", {"types", "primaryType", "domain", "message"} | optional)
    kind = _kind(parts["primaryType"])
    domain = _domain(parts["domain"])
    values = _members(parts["message"], "message", {name for name, _ in MEMBERS[kind]})
    # In the order of the type, whatever the file's is.
    fields = {name: _value(values[name], type_, f"message.{name}") for name, type_ in MEMBERS[kind]}
    message = Message(kind, domain, fields)
    if parts["types"] != message.typed_data()["types"]:
        raise NotAMessage("types", f"are not those of a {kind}")
    return MessageFile(message, _signatures(parts.get("signatures", {})))


def _members(value: Any, place: str, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotAMessage(place, "is not an object")
    unknown, missing = sorted(value.keys() - names), sorted(names - value.keys())
    if unknown:
        raise NotAMessage(place, f"has a member that is not known: {unknown[0][:_LONGEST_TEXT]!r}")
    if missing:
        raise NotAMessage(place, f"lacks {missing[0]}")
    return value


def _kind(value: Any) -> MessageKind:
    known = {kind.value: kind for kind in MessageKind}
    # A permit lets somebody take money; nobody is asked to sign one out of a file.
    del known[MessageKind.PERMIT.value]
    if not isinstance(value, str) or value not in known:
        raise NotAMessage("primaryType", f"is none of {', '.join(known)}")
    return known[value]


def _domain(value: Any) -> SigningDomain:
    parts = _members(value, "domain", {"name", "version", "chainId", "verifyingContract"})
    return SigningDomain(
        ChainId(_number(parts["chainId"], 64, "domain.chainId")),
        _account(parts["verifyingContract"], "domain.verifyingContract"),
        _text(parts["name"], "domain.name"),
        _text(parts["version"], "domain.version"),
    )


def _signatures(value: Any) -> dict[Address, bytes]:
    if not isinstance(value, dict):
        raise NotAMessage("signatures", "is not an object")
    if len(value) > _MOST_SIGNATURES:
        raise NotAMessage("signatures", f"are more than {_MOST_SIGNATURES}")
    found = {}
    for account, signature in value.items():
        place = f"signatures.{account[:42]}"
        if not isinstance(signature, str) or not _HEXADECIMAL.fullmatch(signature):
            raise NotAMessage(place, "is not 0x and hexadecimal digits")
        if len(signature) > _LONGEST_SIGNATURE:
            raise NotAMessage(place, "is too long")
        found[_account(account, place)] = bytes.fromhex(signature[2:])
    return found


def _value(value: Any, type_: str, place: str) -> Any:
    if type_ == "address":
        return _account(value, place)
    if type_.endswith("[]"):
        if not isinstance(value, list):
            raise NotAMessage(place, "is not a list")
        if len(value) > MOST_TICKETS:
            raise NotAMessage(place, f"has more than {MOST_TICKETS} entries")
        element = type_.removesuffix("[]")
        return [_value(each, element, f"{place}[{i}]") for i, each in enumerate(value)]
    return _number(value, int(type_.removeprefix("uint")), place)


def _number(value: Any, bits: int, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotAMessage(place, "is not a whole number")
    if not 0 <= value < 1 << bits:
        raise NotAMessage(place, "is out of range")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise NotAMessage(place, f"is not a text of at most {_LONGEST_TEXT} characters")
    return value


def _account(value: Any, place: str) -> Address:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise NotAMessage(place, "is not an account")
    try:
        return account_of(value)
    except NotAnAccount as error:
        raise NotAMessage(place, f"is not an account: {error.reason}") from None
