"""Creating contracts in steps that a crash does not lose.

A step is written down before its transaction is broadcast. Whoever goes on looks where that transaction
would have put the contract, before creating another.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coopledger.chain import artifacts
from coopledger.chain.contracts.deployments import Journal, Step, check_code, write_journal
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.transactions import Creation, SignedTransaction
from coopledger.domain.types import Address

Progress = Callable[[str], None]
"""Called with the name of each step that is done."""


@dataclass
class Steps:
    """What is created, and the journal of it in the deployments folder."""

    chain: Chain
    sender: Sender
    folder: Path
    journal: Journal
    progress: Progress

    def contract(self, name: str, *arguments: Any) -> Address:
        """Return the address of a contract, created now unless it is there already."""
        if name in self.journal.contracts:
            return self.journal.contracts[name]
        address = self.create(name, name, *arguments)
        self.write(self.journal.with_contract(name, address))
        self.progress(f"{name} at {address}")
        return address

    def create(self, step_name: str, artifact: str, *arguments: Any) -> Address:
        """Create a contract unless the step of that name has created it; return its address."""
        step = self.journal.steps.get(step_name)
        address = step.address if step and step.address else None
        if address is None or not self.chain.code_at(address):
            creation = Creation(artifacts.load(artifact).creation_code(*arguments))
            address = self.sender.send(creation, self.announced(step_name)).created
            assert address is not None  # noqa: S101  a creation has an address
        check_code(self.chain, artifact, address)
        return address

    def announced(self, name: str) -> Callable[[SignedTransaction], None]:
        """Return what writes a step down before it is broadcast."""

        def write(facts: SignedTransaction) -> None:
            step = Step("0x" + facts.hash.hex(), facts.nonce, facts.created)
            self.write(self.journal.with_step(name, step))

        return write

    def note(self, **changes: Any) -> None:
        """Write some facts down."""
        self.write(replace(self.journal, **changes))

    def write(self, journal: Journal) -> None:
        """Write the journal down as it is now."""
        self.journal = journal
        write_journal(self.folder, journal)
