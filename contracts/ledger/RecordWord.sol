// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cause, Consent, Record, Standing} from "../interfaces/ITicketLedger.sol";

/// @title RecordWord
/// @notice One entry of the register in one slot.
///
/// From the lowest bit:
///
///     | account 160 | joinedAt 40 | leftAt 40 | standing 8 | consent 4 | cause 4 |
///
/// A record is open while `leftAt` is zero.
library RecordWord {
    uint256 private constant JOINED_SHIFT = 160;
    uint256 private constant LEFT_SHIFT = 200;
    uint256 private constant STANDING_SHIFT = 240;
    uint256 private constant CONSENT_SHIFT = 248;
    uint256 private constant CAUSE_SHIFT = 252;

    /// @dev A new record, open since `joined`.
    function pack(address who, uint256 joined, Standing standing_, Consent consent_)
        internal
        pure
        returns (uint256)
    {
        return uint256(uint160(who)) | (joined << JOINED_SHIFT) | (uint256(standing_) << STANDING_SHIFT)
            | (uint256(consent_) << CONSENT_SHIFT);
    }

    /// @dev The record, closed at `left`.
    function closed(uint256 word, uint256 left, Cause cause_) internal pure returns (uint256) {
        return word | (left << LEFT_SHIFT) | (uint256(cause_) << CAUSE_SHIFT);
    }

    function withStanding(uint256 word, Standing standing_) internal pure returns (uint256) {
        return (word & ~(uint256(0xff) << STANDING_SHIFT)) | (uint256(standing_) << STANDING_SHIFT);
    }

    function account(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    function joinedAt(uint256 word) internal pure returns (uint256) {
        return uint40(word >> JOINED_SHIFT);
    }

    function isOpen(uint256 word) internal pure returns (bool) {
        return uint40(word >> LEFT_SHIFT) == 0;
    }

    /// @dev Half-open: joinedAt <= time < leftAt.
    function wasOpen(uint256 word, uint256 time) internal pure returns (bool) {
        return joinedAt(word) <= time && (isOpen(word) || time < uint40(word >> LEFT_SHIFT));
    }

    function standing(uint256 word) internal pure returns (Standing) {
        return Standing(uint8(word >> STANDING_SHIFT));
    }

    function consent(uint256 word) internal pure returns (Consent) {
        return Consent((word >> CONSENT_SHIFT) & 0xf);
    }

    function cause(uint256 word) internal pure returns (Cause) {
        return Cause(word >> CAUSE_SHIFT);
    }

    function unpack(uint256 word) internal pure returns (Record memory) {
        return Record(
            account(word),
            uint40(joinedAt(word)),
            uint40(word >> LEFT_SHIFT),
            standing(word),
            consent(word),
            cause(word)
        );
    }
}
