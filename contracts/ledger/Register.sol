// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {
    Cause,
    Consent,
    ITicketLedger,
    Link,
    MoveKind,
    Record,
    RegisterKind,
    Standing
} from "../interfaces/ITicketLedger.sol";
import {RecordWord} from "./RecordWord.sol";
import {Tickets} from "./Tickets.sol";

/// @title Register
/// @notice The append-only list of members, its hash chain, and the questions one can ask of it.
///
/// Records are appended and closed, never changed otherwise. The one subtlety: a batch carries the
/// head and the counters in memory (`Progress`) and writes them once.
abstract contract Register is Tickets {
    using Checkpoints for Checkpoints.Trace208;
    using RecordWord for uint256;

    /// @dev One slot: what counts up in one place is written once.
    struct Counters {
        uint64 tickets;
        uint32 screenings;
        uint32 members;
        uint32 active;
        uint32 bylaws;
        uint64 events;
    }

    /// @dev What the register keeps. Auditors read by storage proof: the head, the counters, and the
    /// records, which are numbered without a gap from 1 to `counters.members`.
    struct RegisterStorage {
        bytes32 head;
        Counters counters;
        mapping(uint32 number => uint256 word) records;
        bytes32[] bylaws;
        uint40[] exits;
        mapping(uint32 number => Link) links;
        mapping(uint32 number => Checkpoints.Trace208) standings;
        Checkpoints.Trace208 voters;
    }

    /// @dev The chain's head and the counters while a transaction works on them.
    struct Progress {
        bytes32 head;
        Counters counters;
    }

    /// @notice keccak256(abi.encode(uint256(keccak256("coopledger.register")) - 1)) & ~0xff (ERC-7201)
    bytes32 public constant REGISTER_SLOT =
        keccak256(abi.encode(uint256(keccak256("coopledger.register")) - 1)) & ~bytes32(uint256(0xff));

    constructor() {
        _register().head = keccak256(abi.encode("coopledger/register/1", block.chainid, address(this)));
    }

    /* VIEWS: NOW */

    /// @inheritdoc ITicketLedger
    function registerHead() external view returns (bytes32) {
        return _register().head;
    }

    /// @inheritdoc ITicketLedger
    function eventCount() external view returns (uint64) {
        return _register().counters.events;
    }

    /// @inheritdoc ITicketLedger
    function memberCount() external view returns (uint32) {
        return _register().counters.members;
    }

    /// @inheritdoc ITicketLedger
    function activeCount() external view returns (uint32) {
        return _register().counters.active;
    }

    /// @inheritdoc ITicketLedger
    function ticketCount() external view returns (uint256) {
        return _register().counters.tickets;
    }

    /// @inheritdoc ITicketLedger
    function screeningCount() external view returns (uint32) {
        return _register().counters.screenings;
    }

    /// @inheritdoc ITicketLedger
    function bylawsVersion() external view returns (uint32) {
        return _register().counters.bylaws;
    }

    /// @inheritdoc ITicketLedger
    function bylawsHash(uint32 version) external view returns (bytes32) {
        _requireBylaws(version, false);
        return _register().bylaws[version - 1];
    }

    /// @inheritdoc ITicketLedger
    function members(uint32 start, uint32 count) external view returns (uint256[] memory words) {
        if (start == 0) revert UnknownMember(0);
        uint32 newest = _register().counters.members;
        uint32 rest = start > newest ? 0 : newest - start + 1;
        words = new uint256[](count < rest ? count : rest);
        for (uint32 i; i < words.length; ++i) {
            words[i] = _register().records[start + i];
        }
    }

    /// @inheritdoc ITicketLedger
    function member(uint32 number) external view returns (uint256) {
        return _record(number);
    }

    /// @inheritdoc ITicketLedger
    function exitAt(uint256 index) external view returns (uint40) {
        return _register().exits[index];
    }

    /// @inheritdoc ITicketLedger
    function linkOf(uint32 number) external view returns (Link memory link) {
        _record(number);
        link = _register().links[number];
        if (link.origin == 0) link.origin = number;
    }

    /// @inheritdoc ITicketLedger
    function latestMemberOf(address account) public view returns (uint32 number) {
        (number,) = _latest(account);
    }

    /// @inheritdoc ITicketLedger
    function memberOf(address account) public view returns (uint32 number) {
        (number,) = _latest(account);
        if (number != 0 && !_record(number).isOpen()) return 0;
    }

    /// @inheritdoc ITicketLedger
    function ticketOf(address account) external view returns (uint256 ticketId) {
        if (memberOf(account) != 0) (, ticketId) = _latest(account);
    }

    /* VIEWS: THEN */

    /// @inheritdoc ITicketLedger
    function votersAt(uint256 time) external view returns (uint256) {
        _requirePast(time);
        return _register().voters.upperLookupRecent(uint48(time));
    }

    /// @inheritdoc ITicketLedger
    function standingAt(uint32 number, uint256 time) external view returns (Standing) {
        _requirePast(time);
        if (!_record(number).wasOpen(time)) return Standing.None;
        uint208 standing = _register().standings[number].upperLookupRecent(uint48(time));
        // A member is an associate until the register says otherwise.
        return standing == 0 ? Standing.Associate : Standing(uint8(standing));
    }

    /* WRITES */

    /// @dev Opens a record for the holder of a ticket, who has none open. The caller binds the ticket.
    /// @param previous the account's newest record, zero if it never had one
    function _enrol(
        Progress memory progress,
        address account,
        uint32 previous,
        uint256 ticketId,
        Consent consent,
        uint32 bylaws,
        uint40 consentedAt,
        bytes16 attestation
    ) internal returns (uint32 number) {
        number = ++progress.counters.members;
        ++progress.counters.active;
        ++progress.counters.events;
        _register().records[number] =
            RecordWord.pack(account, block.timestamp, Standing.Associate, consent);
        if (previous != 0) _register().links[number] = Link(previous, 0, 0);
        _setLatest(account, number, ticketId);

        uint256 argument = uint256(uint8(consent)) | (uint256(bylaws) << 8) | (uint256(consentedAt) << 40)
            | (uint256(previous) << 80) | (uint256(uint128(attestation)) << 128);
        progress.head = _chain(progress.head, RegisterKind.Joined, number, account, ticketId, argument);
        emit Joined(
            number,
            account,
            ticketId,
            consent,
            bylaws,
            consentedAt,
            previous,
            attestation,
            uint40(block.timestamp),
            progress.head
        );
    }

    /// @dev Closes an open record for any cause but a move.
    function _leave(uint32 number, Cause cause, bytes16 document) internal {
        uint256 word = _openRecord(number);
        address account = word.account();
        (, uint256 ticketId) = _latest(account);
        if (word.standing() == Standing.Full) _pushVoters(_register().voters.latest() - 1);
        _close(number, word, cause);
        --_register().counters.active;
        uint256 argument = uint256(uint8(cause)) | (uint256(uint128(document)) << 128);
        bytes32 head = _chainOne(RegisterKind.Left, number, account, ticketId, argument);
        emit Left(number, account, ticketId, cause, document, uint40(block.timestamp), head);
    }

    /// @dev Closes an open record in favour of another account, which takes over standing and card.
    function _move(uint32 oldNumber, address to, MoveKind kind) internal returns (uint32 number) {
        uint256 word = _openRecord(oldNumber);
        (, uint256 ticketId) = _latest(word.account());
        Standing standing = word.standing();
        _close(oldNumber, word, Cause.Moved);
        number = ++_register().counters.members;
        _register().records[number] = RecordWord.pack(to, block.timestamp, standing, word.consent());
        _register().links[number] = Link(latestMemberOf(to), oldNumber, _origin(oldNumber));
        _setLatest(to, number, ticketId);
        if (standing == Standing.Full) _pushStanding(number, standing);

        uint256 argument = uint256(oldNumber) | (uint256(uint8(kind)) << 32);
        bytes32 head = _chainOne(RegisterKind.Moved, number, to, ticketId, argument);
        emit Moved(number, to, oldNumber, ticketId, kind, uint40(block.timestamp), head);
    }

    function _changeStanding(uint32 number, Standing standing, bytes16 document) internal {
        uint256 word = _openRecord(number);
        address account = word.account();
        _register().records[number] = word.withStanding(standing);
        _pushStanding(number, standing);
        uint208 voters = _register().voters.latest();
        _pushVoters(standing == Standing.Full ? voters + 1 : voters - 1);

        uint256 argument = uint256(uint8(standing)) | (uint256(uint128(document)) << 128);
        bytes32 head = _chainOne(RegisterKind.StandingSet, number, account, 0, argument);
        emit StandingSet(number, account, standing, document, uint40(block.timestamp), head);
    }

    function _appendBylaws(bytes32 hash) internal returns (uint32 version) {
        version = ++_register().counters.bylaws;
        _register().bylaws.push(hash);
        bytes32 head = _chainOne(RegisterKind.BylawsSet, version, address(0), 0, uint256(hash));
        emit BylawsSet(version, hash, uint40(block.timestamp), head);
    }

    /// @dev A version that was recorded; the one in force where it has to be the newest.
    function _requireBylaws(uint32 version, bool newest) internal view {
        uint32 current = _register().counters.bylaws;
        bool known = newest ? version == current : version <= current;
        if (version == 0 || !known) revert WrongBylaws(version, current);
    }

    /* INTERNAL: STORAGE */

    function _register() internal pure returns (RegisterStorage storage s) {
        bytes32 slot = REGISTER_SLOT;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function _load() internal view returns (Progress memory) {
        return Progress(_register().head, _register().counters);
    }

    function _store(Progress memory progress) internal {
        _register().head = progress.head;
        _register().counters = progress.counters;
    }

    function _record(uint32 number) internal view returns (uint256 word) {
        word = _register().records[number];
        if (word == 0) revert UnknownMember(number);
    }

    function _openRecord(uint32 number) internal view returns (uint256 word) {
        word = _record(number);
        if (!word.isOpen()) revert MembershipClosed(number, word.cause());
    }

    /// @dev The account's newest record and the ticket that was bound to it.
    /// Account word, beside the balance: latest member number 32 | card's ticket id 64.
    function _latest(address account) internal view returns (uint32 number, uint256 ticketId) {
        uint224 aux = _getAux(account);
        return (uint32(aux), uint64(aux >> 32));
    }

    function _setLatest(address account, uint32 number, uint256 ticketId) private {
        _setAux(account, uint224(number) | (uint224(ticketId) << 32));
    }

    function _close(uint32 number, uint256 word, Cause cause) private {
        _register().records[number] = word.closed(block.timestamp, cause);
        _register().exits.push(uint40(block.timestamp));
    }

    // Both answer the values before and after, which their callers know.
    // slither-disable-start unused-return

    function _pushStanding(uint32 number, Standing standing) private {
        _register().standings[number].push(uint48(block.timestamp), uint208(uint8(standing)));
    }

    function _pushVoters(uint208 voters) private {
        _register().voters.push(uint48(block.timestamp), voters);
    }

    // slither-disable-end unused-return

    /// @dev The head after one more event.
    function _chain(
        bytes32 head,
        RegisterKind kind,
        uint32 number,
        address account,
        uint256 ticketId,
        uint256 argument
    ) private view returns (bytes32) {
        return keccak256(abi.encode(head, kind, number, account, ticketId, argument, block.timestamp));
    }

    function _chainOne(RegisterKind kind, uint32 number, address account, uint256 ticketId, uint256 argument)
        private
        returns (bytes32 head)
    {
        head = _chain(_register().head, kind, number, account, ticketId, argument);
        _register().head = head;
        ++_register().counters.events;
    }

    /* INTERNAL: QUESTIONS */

    function _origin(uint32 number) private view returns (uint32) {
        uint32 origin = _register().links[number].origin;
        return origin == 0 ? number : origin;
    }

    function _requirePast(uint256 time) private view {
        if (time >= block.timestamp) revert TimeNotPast(time, block.timestamp);
    }
}
