"""A small contract that fails in every way, and a node that can be made to misbehave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coopledger.chain import artifacts
from coopledger.chain.artifacts import Artifact
from coopledger.chain.building import artifact_builder
from coopledger.chain.building.compiler import compile_sources
from coopledger.local.chain.node import LocalNode
from tests.middleman import Middleman, middleman_before

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


@pytest.fixture
def middleman(node: LocalNode) -> Iterator[Middleman]:
    """Passes everything on to the session's anvil, until the test says otherwise."""
    with middleman_before(node.url) as between:
        yield between
