"""How often a process looks for garbage that reference counts do not free.

The one subtlety: what is found by looking is next to nothing here, but looking goes through every object
that is alive, and a bulk command makes many that live to its end.
"""

import gc

FOLLOWING = 500_000
"""For following the chain: a range of blocks makes some 200,000 objects, and lets go of them at once."""


def collect_less_often(objects: int = 50_000) -> None:
    """Spare the process looking for garbage among what was loaded for good. For its start only.

    Args:
        objects: how many more there must be before it looks. By default it saves a sixth of an
            import's time.
    """
    gc.freeze()
    gc.set_threshold(objects, 20, 100)
