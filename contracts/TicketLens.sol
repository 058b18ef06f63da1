// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cause, ITicketLedger, Record, Standing, Ticket} from "./interfaces/ITicketLedger.sol";
import {ITicketLens} from "./interfaces/ITicketLens.sol";
import {RecordWord} from "./ledger/RecordWord.sol";
import {TicketWord} from "./ledger/TicketWord.sol";

/// @title TicketLens
/// @notice The ledger's words unpacked, and its past. Kept beside the ledger, which has no room.
contract TicketLens is ITicketLens {
    using RecordWord for uint256;

    ITicketLedger public immutable ledger;

    constructor(ITicketLedger ledger_) {
        ledger = ledger_;
    }

    /* NOW */

    /// @inheritdoc ITicketLens
    function member(uint32 number) external view returns (Record memory) {
        return ledger.member(number).unpack();
    }

    /// @inheritdoc ITicketLens
    function members(uint32 start, uint32 count) external view returns (Record[] memory page) {
        uint256[] memory words = ledger.members(start, count);
        page = new Record[](words.length);
        for (uint256 i; i < words.length; ++i) {
            page[i] = words[i].unpack();
        }
    }

    /// @inheritdoc ITicketLens
    function ticket(uint256 ticketId) external view returns (Ticket memory) {
        return TicketWord.unpack(ledger.ticket(ticketId));
    }

    /// @inheritdoc ITicketLens
    function tickets(uint256 start, uint256 count) external view returns (uint256[] memory words) {
        uint256 last = ledger.ticketCount();
        uint256 left = start > last ? 0 : last - start + 1;
        words = new uint256[](count < left ? count : left);
        for (uint256 i; i < words.length; ++i) {
            words[i] = ledger.ticket(start + i);
        }
    }

    /* THEN */

    /// @inheritdoc ITicketLens
    function memberAt(address account, uint256 time) public view returns (uint32 number) {
        _requirePast(time);
        for (number = ledger.latestMemberOf(account); number != 0; number = ledger.linkOf(number).previous) {
            uint256 word = ledger.member(number);
            // Earlier records of the account closed before this one opened.
            if (word.joinedAt() <= time) return word.wasOpen(time) ? number : 0;
        }
    }

    /// @inheritdoc ITicketLens
    function wasMember(address account, uint256 time) external view returns (bool) {
        return memberAt(account, time) != 0;
    }

    /// @inheritdoc ITicketLens
    function membersAt(uint256 time) external view returns (uint256) {
        _requirePast(time);
        return _joinedBy(time) - _leftBy(time);
    }

    /// @inheritdoc ITicketLens
    function votingRecord(address account, uint256 time) external view returns (uint32) {
        _requirePast(time);
        uint32 number = ledger.latestMemberOf(account);
        while (number != 0) {
            uint32 then = _openedBy(number, time);
            if (then != 0 && ledger.standingAt(then, time) == Standing.Full) return ledger.linkOf(then).origin;
            number = ledger.linkOf(number).previous;
        }
        return 0;
    }

    /* INTERNAL */

    function _requirePast(uint256 time) private view {
        if (time >= block.timestamp) revert TimeNotPast(time, block.timestamp);
    }

    /// @dev The record, open by `time`, that has moved on to `number` since, or is it. Zero if there is
    /// none, if the membership has moved on from here too, or if it was an error.
    function _openedBy(uint32 number, uint256 time) private view returns (uint32) {
        Cause cause = ledger.member(number).cause();
        if (cause == Cause.Moved || cause == Cause.Annulled) return 0;
        while (number != 0 && ledger.member(number).joinedAt() > time) {
            number = ledger.linkOf(number).movedFrom;
        }
        return number;
    }

    /// @dev Binary search: records stand in the order of `joinedAt`.
    function _joinedBy(uint256 time) private view returns (uint256 low) {
        uint256 high = ledger.memberCount();
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (ledger.member(uint32(middle + 1)).joinedAt() > time) high = middle;
            else low = middle + 1;
        }
    }

    /// @dev Binary search: exits stand in the order in which they happened, one a closed record.
    function _leftBy(uint256 time) private view returns (uint256 low) {
        uint256 high = ledger.memberCount() - ledger.activeCount();
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (ledger.exitAt(middle) > time) high = middle;
            else low = middle + 1;
        }
    }
}
