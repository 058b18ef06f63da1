// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721A} from "erc721a/contracts/ERC721A.sol";

/// @title Erc721aTickets
/// @notice A batch with ERC721A. It saves by minting many tokens to one holder; here each has another.
contract Erc721aTickets is ERC721A, Ownable {
    constructor() ERC721A("Tickets", "T") Ownable(msg.sender) {}

    function mintBatch(address[] calldata holders) external onlyOwner {
        for (uint256 i; i < holders.length; ++i) {
            _mint(holders[i], 1);
        }
    }
}
