// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Enumerable} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Enumerable.sol";

/// @title NaiveMembership
/// @notice Membership as a token of its own, whose holders can be listed on the chain.
contract NaiveMembership is ERC721Enumerable, Ownable {
    struct Member {
        uint256 joinedAt;
        bool full;
    }

    mapping(uint256 number => Member) public memberOf;

    constructor() ERC721("Membership", "M") Ownable(msg.sender) {}

    function enrol(address account) external onlyOwner {
        uint256 number = totalSupply() + 1;
        memberOf[number].joinedAt = block.timestamp;
        _mint(account, number);
    }
}

/// @title NaiveTickets
/// @notice Tickets with their data in a plain struct, which enrol whoever is no member yet.
contract NaiveTickets is ERC721, Ownable {
    struct Ticket {
        uint256 screening;
        uint256 seat;
        bytes32 orderReference;
    }

    NaiveMembership public immutable membership;
    mapping(uint256 id => Ticket) public tickets;
    uint256 private _count;

    constructor() ERC721("Tickets", "T") Ownable(msg.sender) {
        membership = new NaiveMembership();
    }

    function sell(
        uint256 screening,
        address[] calldata holders,
        uint256[] calldata seats,
        bytes32[] calldata orderReferences
    ) external onlyOwner {
        for (uint256 i; i < holders.length; ++i) {
            uint256 id = ++_count;
            tickets[id] = Ticket(screening, seats[i], orderReferences[i]);
            _mint(holders[i], id);
            if (membership.balanceOf(holders[i]) == 0) membership.enrol(holders[i]);
        }
    }
}
