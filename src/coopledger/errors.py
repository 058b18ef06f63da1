"""The families of failure. Each failure is a class of its own, beside the code that raises it.

A failure carries its facts as fields and says two things: what happened, and what to do next. A failure
belongs to exactly one family below, and the family alone decides the exit code and the HTTP status
(:data:`FAMILIES`); a test proves that none is left out.
"""

import string
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, dataclass_transform


class Sentence(string.Formatter):
    """Fills facts into a sentence. ``{hash:hex}`` shows bytes as 0x and digits; else as ``str.format``."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        """Show one fact."""
        if format_spec == "hex":
            return f"0x{value.hex()}"
        return super().format_field(value, format_spec)


@dataclass_transform(eq_default=False)
class CoopledgerError(Exception):
    """Base of every failure that this package raises on purpose.

    Each subclass is made a dataclass whose fields are the facts. It sets ``says`` to the sentence about
    what happened, with the facts' names in braces, and ``advice`` to what the person should do next. A
    sentence that needs more than its facts is made by an ``__str__`` instead. The command line prints both.
    """

    says: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Make the class a dataclass that is compared by identity."""
        dataclass(eq=False)(cls)

    def __str__(self) -> str:
        return Sentence().vformat(self.says, (), vars(self))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy by the facts; a dataclass keeps them where exceptions are not copied from."""
        return _restore, (type(self), dict(self.__dict__))


class BadInput(CoopledgerError):
    """What the person gave cannot be used: a file, a field, an option."""


class NotFound(CoopledgerError):
    """The thing that was named does not exist."""


class Refused(CoopledgerError):
    """A rule of the ledger, the box office or the service says no."""


class NotAllowed(CoopledgerError):
    """The person or key may not do this: a role or a key is missing."""


class Unavailable(CoopledgerError):
    """A part that is needed does not answer: a node, a database, a compiler."""


class Untrusted(CoopledgerError):
    """Something is not what it claims to be: wrong chain, foreign code, altered data."""


class PartlyDone(CoopledgerError):
    """The work was done except for the parts that are listed."""


class Differs(CoopledgerError):
    """What was compared is not the same; the differences were shown."""


class Handling(NamedTuple):
    """What a family of failures turns into at the edges."""

    exit_code: int
    http_status: int


#: Exit code 1 is a comparison's "not the same", as diff(1) has it. A bug ends with 1 as well, but with a
#: traceback. 2 is left to misused options (the shell's and Typer's convention).
FAMILIES: dict[type[CoopledgerError], Handling] = {
    BadInput: Handling(3, 422),
    NotFound: Handling(4, 404),
    Refused: Handling(5, 409),
    NotAllowed: Handling(6, 403),
    Unavailable: Handling(7, 503),
    Untrusted: Handling(8, 500),
    PartlyDone: Handling(9, 207),
    Differs: Handling(1, 409),
}


def handling_of(failure: type[BaseException]) -> Handling:
    """Return the exit code and HTTP status of a failure.

    Raises:
        LookupError: the class belongs to no family, or to more than one.
    """
    families = [family for family in FAMILIES if issubclass(failure, family)]
    if len(families) != 1:
        raise LookupError(f"{failure.__name__} belongs to {len(families)} families, not to one")
    return FAMILIES[families[0]]


def _restore(kind: type[CoopledgerError], facts: dict[str, Any]) -> CoopledgerError:
    failure = kind.__new__(kind)
    failure.__dict__.update(facts)
    return failure
