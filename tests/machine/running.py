"""Runs the machine: some examples of some steps from one seed, on a stage that is there already.

Many runs from many seeds find more than one long run, because Hypothesis varies what it has already
tried.
"""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import CooperativeMachine
from tests.machine.playing import Opening


def play(opening: Opening, start: int, examples: int, steps: int) -> None:
    """Play examples of up to so many steps each.

    Raises:
        StoryDiffers: chain and rules differ; it tells the shortest story that was found.
    """

    class Machine(CooperativeMachine):
        pass

    Machine.opening = opening
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(seed(start)(Machine), settings=chosen)
