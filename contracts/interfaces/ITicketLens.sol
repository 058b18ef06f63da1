// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Record, Ticket} from "./ITicketLedger.sol";

/// @title ITicketLens
/// @notice Reads a `TicketLedger` for those who prefer fields to words, and answers what was true at
/// a time. It holds no state and no power; anybody can deploy another.
///
/// A record is open while joinedAt <= time < leftAt. Every question about a time reverts with
/// `TimeNotPast` unless the time has passed. Annulled entries count as what they were: open until
/// they were annulled.
interface ITicketLens {
    /// @notice The question is about a time that has not passed.
    error TimeNotPast(uint256 time, uint256 timestamp);

    /// @notice One record, unpacked.
    function member(uint32 number) external view returns (Record memory);

    /// @notice Up to `count` records from number `start` on, unpacked.
    function members(uint32 start, uint32 count) external view returns (Record[] memory);

    /// @notice A ticket, unpacked.
    function ticket(uint256 ticketId) external view returns (Ticket memory);

    /// @notice Up to `count` tickets from id `start` (at least 1) on, packed as by `ITicketLedger.ticket`.
    function tickets(uint256 start, uint256 count) external view returns (uint256[] memory words);

    /// @notice The account's record that was open at a time; zero if none was.
    function memberAt(address account, uint256 time) external view returns (uint32);

    /// @notice Whether the account was a member at a time.
    function wasMember(address account, uint256 time) external view returns (bool);

    /// @notice How many records were open at a time.
    function membersAt(uint256 time) external view returns (uint256);

    /// @notice The record in whose name the account votes on a question of that time; zero if none.
    /// @dev A vote belongs to the origin of a chain of moved records: whoever holds the membership
    /// now votes for the record that was open and full then. An annulled record has no vote.
    function votingRecord(address account, uint256 time) external view returns (uint32);
}
