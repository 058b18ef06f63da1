// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title OpenZeppelinTickets
/// @notice The least that OpenZeppelin's ERC-721 does for a batch: an owner for each token, nothing else.
contract OpenZeppelinTickets is ERC721, Ownable {
    uint256 private _count;

    constructor() ERC721("Tickets", "T") Ownable(msg.sender) {}

    function mintBatch(address[] calldata holders) external onlyOwner {
        uint256 id = _count;
        for (uint256 i; i < holders.length; ++i) {
            _mint(holders[i], ++id);
        }
        _count = id;
    }
}
