"""The demo, as a newcomer runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


def test_the_demo_tells_its_story() -> None:
    """The demo ends well, its last line has the real figures, and no process stays behind."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith("COOPLEDGER_")}
    command = [sys.executable, "-m", "examples.demo", "--json"]
    started: dict[int, psutil.Process] = {}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        lines = []
        for line in demo.stdout:
            lines.append(line)
            if line.startswith("$ "):
                for child in psutil.Process(demo.pid).children(recursive=True):
                    started[child.pid] = child
        said = demo.stderr.read()
    assert demo.returncode == 0, said
    figures = json.loads(lines[-1])
    assert (figures["tickets"], figures["members"], figures["orders_imported"]) == (749, 251, 340)
    assert figures["positions_skipped"] == {"cancelled": 48, "expired": 20, "pending": 50}
    assert (figures["members_open"], figures["redeemed"]) == (252, 6)
    # By-laws, 251 imported, three who joined, two moves, one who left, one closed.
    assert figures["register_events"] == 1 + 251 + 3 + 2 + 1 + 1
    assert (figures["cash_sale"]["member"], figures["wallet_purchase"]["member"]) == (252, 253)
    assert figures["gift"] == {"ticket": 753, "member": 254}
    assert (figures["claim"]["member"], figures["lost_key"]["member"]) == (255, 256)
    assert figures["refund"]["paid"] == 35_000
    assert figures["left_with_deposit"] == {"member": 253, "deposit": 10_000}
    assert len(bytes.fromhex(figures["register_head"][2:])) == 32
    assert figures["index"]["register_head"] == figures["register_head"]
    assert figures["register"] == {"open_before": 254, "open_after": 253}
    assert figures["audit"]["verdict"] == "agrees"
    assert figures["audit"]["compared"]["tickets"] == 753
    assert any("member 1, standing   associate   full" in line for line in lines)
    assert figures["proof"] == {"verdict": "proven", "members": 256}
    assert 0 < figures["gas_per_ticket"] < 82_000
    assert any("749 issued before" in line for line in lines)
    assert not any("\x1b" in line for line in lines)
    assert started  # the chain and the database
    assert [child for child in started.values() if child.is_running()] == []
