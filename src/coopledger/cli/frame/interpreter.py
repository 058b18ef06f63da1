"""What a process asks of Python's interpreter: to look for garbage less often, to change threads more often.

What is found by looking for garbage that reference counts do not free is next to nothing here, but
looking goes through every object that is alive, and a bulk command makes many that live to its end.
"""

import gc
import sys

_OBJECTS_OF_A_RANGE = 500_000
"""A range of blocks makes some 200,000 objects, and lets go of them at once."""
_TURN_S = 0.001
"""Seconds a thread keeps the interpreter while others want it; Python's own choice is 0.005."""


def collect_less_often(objects: int = 250_000) -> None:
    """Spare the process looking for garbage among what is loaded for good. For its start only.

    Args:
        objects: how many more there must be before it looks. By default more than the modules of a
            command are (a sale's some 190,000): they are loaded without looking once.
    """
    gc.freeze()
    gc.set_threshold(objects, 20, 100)


def end_without_looking() -> None:
    """Spare the process looking for garbage among all that is alive when it ends. For its very end only.

    It looks several times then, which took a third of a sale's processor time.
    """
    gc.freeze()


def prepare_to_follow() -> None:
    """Make the process ready to follow the chain. For its start only.

    The thread that writes to the database gives the interpreter away with each write, and gets it back
    from the one that decodes when that one's turn is over: short turns save some 3% of the time.
    """
    collect_less_often(_OBJECTS_OF_A_RANGE)
    sys.setswitchinterval(_TURN_S)
