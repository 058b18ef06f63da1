// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ticket} from "../interfaces/ITicketLedger.sol";

/// @title TicketWord
/// @notice The 96 bits that share a slot with a ticket's owner.
///
/// From the lowest bit:
///
///     | screening 32 | seat 16 | member 32 | tier 8 | flags 8 |
///
/// `member` is the record that the ticket carries, zero while it carries none.
library TicketWord {
    uint8 internal constant REDEEMED = 1;
    uint8 internal constant VOID = 2;
    uint8 internal constant NON_TRANSFERABLE = 4;
    uint8 internal constant PAID_ON_CHAIN = 8;

    uint256 private constant SEAT_SHIFT = 32;
    uint256 private constant MEMBER_SHIFT = 48;
    uint256 private constant TIER_SHIFT = 80;
    uint256 private constant FLAGS_SHIFT = 88;

    uint96 private constant MEMBER_MASK = uint96(type(uint32).max) << uint96(MEMBER_SHIFT);

    /// @dev Whatever locks a ticket, in place: a membership, or one of three flags.
    uint96 internal constant LOCKS =
        (uint96(REDEEMED | VOID | NON_TRANSFERABLE) << uint96(FLAGS_SHIFT)) | MEMBER_MASK;

    function pack(uint32 screeningId, uint16 seat, uint8 tier, uint8 flags) internal pure returns (uint96) {
        return uint96(screeningId) | (uint96(seat) << uint96(SEAT_SHIFT))
            | (uint96(tier) << uint96(TIER_SHIFT)) | (uint96(flags) << uint96(FLAGS_SHIFT));
    }

    function screening(uint96 word) internal pure returns (uint32) {
        return uint32(word);
    }

    function member(uint96 word) internal pure returns (uint32) {
        return uint32(word >> MEMBER_SHIFT);
    }

    function has(uint96 word, uint8 flag) internal pure returns (bool) {
        return (word >> FLAGS_SHIFT) & flag != 0;
    }

    /// @dev Of this screening, neither redeemed nor void: one comparison, for the queue at the door.
    function isRedeemable(uint96 word, uint32 screeningId) internal pure returns (bool) {
        return word & (uint96(type(uint32).max) | (uint96(REDEEMED | VOID) << uint96(FLAGS_SHIFT))) == screeningId;
    }

    function isLocked(uint96 word) internal pure returns (bool) {
        return word & LOCKS != 0;
    }

    function withMember(uint96 word, uint32 number) internal pure returns (uint96) {
        return (word & ~MEMBER_MASK) | (uint96(number) << uint96(MEMBER_SHIFT));
    }

    function with(uint96 word, uint8 flag) internal pure returns (uint96) {
        return word | (uint96(flag) << uint96(FLAGS_SHIFT));
    }

    function without(uint96 word, uint8 flag) internal pure returns (uint96) {
        return word & ~(uint96(flag) << uint96(FLAGS_SHIFT));
    }

    /// @dev Unpacks what `ITicketLedger.ticket` answers: the owner and, above it, these 96 bits.
    function unpack(uint256 slot) internal pure returns (Ticket memory) {
        uint96 word = uint96(slot >> 160);
        return Ticket({
            owner: address(uint160(slot)),
            screening: screening(word),
            seat: uint16(word >> SEAT_SHIFT),
            tier: uint8(word >> TIER_SHIFT),
            member: member(word),
            redeemed: has(word, REDEEMED),
            isVoid: has(word, VOID),
            nonTransferable: has(word, NON_TRANSFERABLE),
            paidOnChain: has(word, PAID_ON_CHAIN)
        });
    }
}
