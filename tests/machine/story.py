"""The story of a run in numbered sentences, told when chain and rules differ.

Times are told as days and hours from the Monday on which every story begins.
"""

from dataclasses import dataclass, field

from tests.machine.telling import when


@dataclass
class Story:
    """What happened so far."""

    sentences: list[str] = field(default_factory=list)

    def tell(self, moment: int, sentence: str, outcome: str) -> None:
        """Add a sentence, and what came of it."""
        number = len(self.sentences) + 1
        self.sentences.append(f"{number:>3}. {when(moment)}  {sentence}: {outcome}")

    def copy(self) -> "Story":
        """Return a story that begins like this one."""
        return Story(list(self.sentences))

    def __str__(self) -> str:
        return "\n".join(self.sentences)


class StoryDiffers(AssertionError):
    """The contracts did something else than the rules say."""

    def __init__(self, story: Story, differences: list[str]) -> None:
        told = "\n".join(f"  {difference}" for difference in differences)
        super().__init__(f"chain and rules differ\n\n{story}\n\nAfter this:\n{told}")
