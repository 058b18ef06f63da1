"""How the verdict of an audit is shown: what was compared, what was found, who can do what.

A difference ends a command with exit code 1, after all of it was shown.
"""

from typing import Any
from zoneinfo import ZoneInfo

from coopledger.audit.files.compare import COMPARED
from coopledger.audit.files.register_file import NUMBER, RegisterFile
from coopledger.audit.findings import LISTED, AuditDiffers, Findings
from coopledger.audit.run import Verdict
from coopledger.cli.authority.roles import HOLDER_COLUMNS, holder_row
from coopledger.cli.frame.output import Format, say, show, show_one
from coopledger.cli.frame.values import show_time
from coopledger.domain.moments import BlockMark
from coopledger.services.auditing.comparing import IndexComparison

FINDING_COLUMNS = ("rule", "what", "expected", "found", "block", "transaction")


def show_verdict(verdict: Verdict, zone: ZoneInfo, output: Format) -> None:
    """Show a verdict: as tables, as one JSON object, or its findings as CSV."""
    facts = _facts(verdict, zone)
    holders = [
        holder_row(holder, verdict.powers.moment, zone)
        for role in verdict.powers.roles
        for holder in role.holders
    ]
    if output is Format.JSON:
        powers = {"holders": holders, "unusual": list(verdict.powers.unusual)}
        show_one({**facts, "findings": finding_rows(verdict.findings), "powers": powers}, output)
    elif output is Format.CSV:
        show(finding_rows(verdict.findings), FINDING_COLUMNS, output)
    else:
        show_one(_told(facts), output)
        show_findings(verdict.findings)
        show(holders, HOLDER_COLUMNS, output, "Roles in force at the block that was read")
        unusual = [f"Unusual: {each}." for each in verdict.powers.unusual]
        print("\n".join(unusual) or "Nothing is unusual about the roles.")


def show_comparison(
    verdict: Verdict, file: RegisterFile, rows: int, zone: ZoneInfo, output: Format
) -> None:
    """Show what came of comparing a file: as a table, as one JSON object, or its differences as CSV."""
    facts = _facts(verdict, zone)
    compared = [name for name in file.columns if name in COMPARED]
    left_out = [name for name in file.columns if name not in (NUMBER, *COMPARED)]
    about = {
        "file": str(file.path),
        "sha256": file.sha256,
        "rows": rows,
        "columns_compared": compared,
        "columns_not_compared": left_out,
    }
    if output is Format.JSON:
        show_one({**facts, "file": about, "findings": finding_rows(verdict.findings)}, output)
    elif output is Format.CSV:
        show(finding_rows(verdict.findings), FINDING_COLUMNS, output)
    else:
        told = _told(facts)
        lines = {name: told[name] for name in ("verdict", "ledger", "as of", "register")}
        show_one({**lines, **about}, output)
        show_findings(verdict.findings)


def show_index_comparison(found: IndexComparison, zone: ZoneInfo, output: Format) -> None:
    """Show what came of comparing the index, in the same way as of a file."""
    verdict = found.verdict
    facts = _facts(verdict, zone)
    about = {"block": found.block, "records": found.records, "rows_of_all_tables": found.rows}
    if output is Format.JSON:
        show_one({**facts, "index": about, "findings": finding_rows(verdict.findings)}, output)
    elif output is Format.CSV:
        show(finding_rows(verdict.findings), FINDING_COLUMNS, output)
    else:
        told = _told(facts)
        lines = {name: told[name] for name in ("verdict", "ledger", "as of", "register")}
        tables = "not compared" if found.rows is None else f"{found.rows:,} rows compared"
        lines |= {
            "index": f"at block {found.block}, {found.records:,} records compared",
            "all tables": tables,
        }
        show_one(lines, output)
        show_findings(verdict.findings)


def show_findings(findings: Findings) -> None:
    """Show what was found, as a table for people; nothing where nothing was found."""
    if findings.count:
        show(finding_rows(findings), FINDING_COLUMNS, Format.TABLE, "Differences")
    if findings.count > LISTED:
        say(f"The first {LISTED} of {findings.count:,} differences are listed.")


def finding_rows(findings: Findings) -> list[dict[str, Any]]:
    """Return what was found, under ``FINDING_COLUMNS``."""
    return [
        {
            "rule": each.rule,
            "what": each.what,
            "expected": each.expected,
            "found": each.found,
            "block": each.block,
            "transaction": None if each.transaction is None else "0x" + each.transaction.hex(),
        }
        for each in findings
    ]


def refuse_differences(findings: Findings) -> None:
    """End the command with exit code 1 if something was found.

    Raises:
        AuditDiffers: it was.
    """
    if findings.count:
        raise AuditDiffers(findings.count, findings.listed[0])


def block_facts(block: BlockMark, zone: ZoneInfo) -> dict[str, Any]:
    """Return what names a block."""
    return {
        "block": block.number,
        "hash": "0x" + block.hash.hex(),
        "time": show_time(block.time, zone),
    }


def _facts(verdict: Verdict, zone: ZoneInfo) -> dict[str, Any]:
    moment, then = verdict.moment, verdict.register
    return {
        "verdict": "agrees" if verdict.agrees else "differs",
        "differences": verdict.findings.count,
        "chain": verdict.ledger.chain.chain_id,
        "ledger": verdict.ledger.address,
        "as_of": {"moment": show_time(moment.time, zone), **block_facts(moment.block, zone)},
        "register": {
            "head": "0x" + then.head.hex(),
            "events": then.events,
            "records": then.records,
            "open": then.open,
            "full": then.full,
        },
        "read_at": {**block_facts(moment.read, zone), "blocks_pinned": verdict.pins},
        "compared": {
            "records": verdict.records,
            "register_events": verdict.events,
            "tickets": verdict.tickets,
            "screenings": verdict.screenings,
            "box_offices": verdict.box_offices,
        },
    }


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts in lines for people."""
    as_of, register, read_at = facts["as_of"], facts["register"], facts["read_at"]
    compared = facts["compared"]
    differences = facts["differences"]
    return {
        "verdict": _many(differences, "difference") if differences else facts["verdict"],
        "ledger": f"{facts['ledger']} on chain {facts['chain']}",
        "as of": f"{as_of['moment']}, block {as_of['block']} ({as_of['hash']})",
        "register": f"{register['records']:,} records, {register['open']:,} open, "
        f"{register['full']:,} of them full members",
        "register head": f"{register['head']} after {register['events']:,} events",
        "read at": f"block {read_at['block']} ({read_at['hash']})",
        "lists": f"{compared['records']:,} records by view and by events, "
        f"{compared['register_events']:,} events by hash chain",
        "rules": f"{_many(compared['tickets'], 'ticket')}, "
        f"{_many(compared['screenings'], 'screening')}, "
        f"the money of {_many(compared['box_offices'], 'box office')}",
    }


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
