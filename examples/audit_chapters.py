"""The auditor's part of the story: the register of any moment, an audit, a forged copy, a proof.

What is verified at the end is verified by the file and a block's hash alone; the hash is read from the
chain here, as an auditor would take it from a source of their own.
"""

import hashlib
from pathlib import Path
from typing import Any

from coopledger import settings
from coopledger.bootstrap import Application
from coopledger.domain.types import BlockNumber
from examples.telling import asked, chapter, tell

AUDIT_CHAPTERS = ("index", "register", "audit", "tampered", "export", "proof")


def audited(folder: Path, *, left: int, before: str, after: str) -> dict[str, Any]:
    """Tell the auditor's part; return what each chapter came to.

    Args:
        folder: for the files that are written.
        left: the member who has left.
        before: a time before that.
        after: a time after it.
    """
    found: dict[str, Any] = {}
    chapter("The index: a copy of the chain in the database, made anew at any time")
    tell("index", "rebuild")
    found["index"] = asked("index", "status")

    chapter(f"The register as of any moment: before member {left} left, and after")
    leaver = ("--start", str(left), "--count", "1", "--open", "--closed")
    for moment in (before, after):
        tell("register", *leaver, "--at", moment)
    found["register"] = {
        "open_before": asked("register", "counts", "--at", before)["open"],
        "open_after": asked("register", "counts", "--at", after)["open"],
    }

    chapter("The register as a file; the same moment gives the same bytes on every run")
    export = folder / "register.csv"
    tell("register", "export", str(export), "--open", "--closed")
    found["export"] = {"sha256": hashlib.sha256(export.read_bytes()).hexdigest()}

    chapter("An audit: any node, the ledger's address; no database, no key, no file")
    with Application(settings.load()) as work:
        url, ledger = work.chain.rpc.url, work.cooperative.ledger.address
    audit = asked("audit", "--rpc", url, "--ledger", ledger)
    found["audit"] = {"verdict": audit["verdict"], "compared": audit["compared"]}

    chapter("Somebody changes one cell of a copy; the audit says which")
    tell("audit", "compare", str(export), "--closed")
    forged = folder / "forged.csv"
    line = forge(export, forged)
    print(f"\n(In {forged.name} it says now: {line})", flush=True)
    tell("audit", "compare", str(forged), "--closed", expect=1)
    found["tampered"] = {"line": line, "exit_code": 1}

    chapter("A proof for those who trust nobody: one file, verified without a network")
    bundle = folder / "register.bundle"
    block = audit["as_of"]["block"]
    tell("audit", "bundle", str(bundle), "--at", str(block), "--member", str(left))
    with Application(settings.load()) as work:
        trusted = work.chain.block(BlockNumber(block)).hash.hex()
    proven = asked("audit", "verify", str(bundle), "--block-hash", f"0x{trusted}")
    found["proof"] = {"verdict": proven["verdict"], "members": proven["members"]}
    return found


def forge(export: Path, forged: Path) -> str:
    """Copy an export with its first associate member made a full one; return that line."""
    text = export.read_text("utf-8")
    line = next(each for each in text.splitlines() if ",associate," in each)
    changed = line.replace(",associate,", ",full,")
    forged.write_text(text.replace(line, changed), "utf-8", newline="")
    return changed
