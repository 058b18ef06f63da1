"""Plain values of which there are very many: frozen by the type checker, not at run time.

``dataclass(frozen=True)`` sets each field by way of ``object``, which takes three times as long; an event
of the chain is made of two such values, and that was a fifth of its decoding. So what the type checker
sees is frozen, and what runs is not.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_Value = TypeVar("_Value")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[_Value]) -> type[_Value]:
    """Make a class a dataclass with slots that can be hashed, and must not be changed."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
