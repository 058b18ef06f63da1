"""A command of which only its name and its line are known until it is called: then its module is imported.

So the help of all commands imports none of them, and a command nothing that only others need.
"""

from importlib import import_module
from typing import Any

from typer import Typer
from typer.core import TyperCommand
from typer.main import get_group


class OnDemand(TyperCommand):
    """Stands for a command, or a group of commands, in the list of all."""

    def __init__(self, name: str, line: str, module: str) -> None:
        """Take what the list shows, and the module whose ``add_to`` adds the command."""
        super().__init__(name=name, help=line)
        self.called, self.module = name, module

    def load(self) -> Any:
        """Import the module and return the command itself, as Typer makes it.

        Raises:
            KeyError: the module adds no command of this name.
        """
        room = Typer()
        import_module(self.module).add_to(room)
        return get_group(room).commands[self.called]

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Let the command itself read its arguments; the context that it makes is what is run."""
        return self.load().make_context(*arguments, **more)
