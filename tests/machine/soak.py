"""Plays stories for hours: ``scripts/soak [--steps N] [--seed N]``.

A node keeps all its blocks in memory, so every so many steps a new one takes over.
"""

import argparse
import json
import sys
import time

from hypothesis.errors import HypothesisException

from tests.machine.opening import open_story
from tests.machine.playing import Opening
from tests.machine.running import play
from tests.machine.stage import new_stage
from tests.machine.story import StoryDiffers

STEPS_A_NODE = 10_000
EXAMPLES_A_RUN, STEPS_AN_EXAMPLE = 10, 80


def main() -> int:
    """Play until enough steps are made; return 1 if chain and rules differ anywhere."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000, help="at least so many in all")
    parser.add_argument("--seed", type=int, default=0, help="of the first run; each adds one")
    wanted = parser.parse_args()
    started, seed = time.monotonic(), wanted.seed
    steps = examples = refusals = 0
    differs = False
    while steps < wanted.steps and not differs:
        with new_stage() as stage:
            opening = open_story(stage)
            target = min(STEPS_A_NODE, wanted.steps - steps)
            while opening.tally.steps < target and not differs:
                differs = _differs(opening, seed)
                seed += 1
        steps += opening.tally.steps
        examples += opening.tally.examples
        refusals += opening.tally.refused.total()
        seconds = time.monotonic() - started
        print(f"{steps} steps in {seconds:.0f} s, next seed {seed}", file=sys.stderr, flush=True)
    summary = {
        "steps": steps,
        "examples": examples,
        "refusals": refusals,
        "seconds": round(time.monotonic() - started, 1),
        "seed": wanted.seed,
        "differs": differs,
    }
    print(json.dumps(summary))
    return int(differs)


def _differs(opening: Opening, seed: int) -> bool:
    try:
        play(opening, seed, EXAMPLES_A_RUN, STEPS_AN_EXAMPLE)
    except (StoryDiffers, HypothesisException) as difference:
        print(f"seed {seed}: {difference}", file=sys.stderr, flush=True)
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
