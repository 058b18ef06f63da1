"""A small contract that fails in every way, and a node that can be made to misbehave."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
import urllib3

from coopledger.chain import artifact_builder, artifacts
from coopledger.chain.artifacts import Artifact
from coopledger.chain.compiler import compile_sources
from coopledger.chain.node import LocalNode

PROBE = """
// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

contract Probe {
    error Elsewhere(uint256 expected, address caller);

    event Stepped(uint256 indexed count);

    struct Entry {
        uint256 value;
    }

    mapping(address account => Entry entry) private entries;
    uint256 public immutable start;
    address public immutable maker;
    uint256 public count;

    constructor(uint256 start_) {
        require(start_ != 13, "unlucky");
        start = start_;
        maker = msg.sender;
        count = start_;
    }

    function step(uint256 expected) external {
        if (expected != count) revert Elsewhere(count, msg.sender);
        emit Stepped(++count);
    }

    function pay() external payable {}

    function work(uint256 rounds) external {
        for (uint256 i; i < rounds; ++i) count = uint256(keccak256(abi.encode(count)));
    }

    function refuse(bytes calldata data) external pure {
        assembly {
            calldatacopy(0, data.offset, data.length)
            revert(0, data.length)
        }
    }

    function fail() external pure {
        assert(false);
    }
}
"""


@pytest.fixture(scope="session")
def probe_source() -> str:
    """The small contract's Solidity."""
    return PROBE


@pytest.fixture(scope="session")
def probe(project_root: Path, probe_source: str) -> Artifact:
    """The small contract, compiled like the project's own."""
    compilation = compile_sources({"contracts/Probe.sol": probe_source}, project_root)
    return artifacts.parse(artifact_builder.describe(compilation, "Probe", project_root, {}))


Intercept = Callable[[Any, Callable[[], bytes]], bytes | None]
"""Given a request and a way to pass it on: the answer's bytes, or None to hang up."""


@dataclass
class Middleman:
    """A server before the real node, which a test can make refuse or hang up."""

    url: str
    intercept: Intercept = field(default=lambda _, pass_on: pass_on())


@pytest.fixture
def middleman(node: LocalNode) -> Iterator[Middleman]:
    """Passes everything on to the session's anvil, until the test says otherwise."""
    pool = urllib3.PoolManager()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = between.intercept(
                orjson.loads(body),
                lambda: (
                    pool.request(
                        "POST", node.url, body=body, headers={"Content-Type": "application/json"}
                    ).data
                ),
            )
            if answer is None:
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    between = Middleman(f"http://127.0.0.1:{server.server_address[1]}")
    yield between
    server.shutdown()
    thread.join()
    server.server_close()
    pool.clear()
