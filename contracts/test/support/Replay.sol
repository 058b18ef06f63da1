// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Cause,
    Consent,
    ITicketLedger,
    MoveKind,
    RegisterKind,
    Standing
} from "../../interfaces/ITicketLedger.sol";
import {Vm} from "./Vm.sol";

/// @title Replay
/// @notice The register and the door, rebuilt from the ledger's events alone, and asked naively: every
/// question walks through everything. The ledger must agree with it.
contract Replay {
    struct Entry {
        address account;
        uint256 joinedAt;
        uint256 leftAt;
        Cause cause;
        Consent consent;
        uint256 card;
        uint32 previous;
        uint32 movedFrom;
        uint32 movedTo;
        uint32 origin;
        bool contested;
    }

    struct Change {
        uint256 time;
        Standing standing;
    }

    address private immutable _ledger;
    bytes32 public head;
    /// @notice The head that the newest event claims.
    bytes32 public claimed;
    uint64 public count;
    /// @notice How many records were closed.
    uint256 public closed;
    /// @notice When something happened, in that order.
    uint256[] public times;
    /// @dev By number; the first one stands empty.
    Entry[] private _entries;
    mapping(uint32 number => Change[]) private _changes;
    mapping(uint256 ticketId => bool) public redeemed;
    mapping(uint256 ticketId => bool) public isVoid;

    constructor(address ledger) {
        _ledger = ledger;
        head = keccak256(abi.encode("coopledger/register/1", block.chainid, ledger));
        claimed = head;
        _entries.push();
    }

    /* EVENTS */

    function take(Vm.Log[] calldata logs) external {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != _ledger) continue;
            bytes32 kind = logs[i].topics[0];
            bytes32[] calldata topics = logs[i].topics;
            if (kind == ITicketLedger.Joined.selector) _joined(topics, logs[i].data);
            else if (kind == ITicketLedger.Left.selector) _left(topics, logs[i].data);
            else if (kind == ITicketLedger.StandingSet.selector) _standing(topics, logs[i].data);
            else if (kind == ITicketLedger.Moved.selector) _moved(topics, logs[i].data);
            else if (kind == ITicketLedger.BylawsSet.selector) _bylaws(topics, logs[i].data);
            else if (kind == ITicketLedger.MoveContested.selector) _entry(topics[1]).contested = true;
            else if (kind == ITicketLedger.MoveCancelled.selector) _entry(topics[1]).contested = false;
            else if (kind == ITicketLedger.Redeemed.selector) _mark(logs[i].data, redeemed);
            else if (kind == ITicketLedger.Unredeemed.selector) redeemed[uint256(topics[2])] = false;
            else if (kind == ITicketLedger.Voided.selector) _mark(logs[i].data, isVoid);
        }
    }

    function _joined(bytes32[] calldata topics, bytes calldata data) private {
        (
            uint256 card,
            Consent consent,
            uint256 bylaws,
            uint256 consentedAt,
            uint256 previous,
            bytes16 attestation,
            uint256 time,
            bytes32 newHead
        ) = abi.decode(data, (uint256, Consent, uint256, uint256, uint256, bytes16, uint256, bytes32));
        uint256 argument = uint256(consent) | (bylaws << 8) | (consentedAt << 40) | (previous << 80)
            | (uint256(uint128(attestation)) << 128);
        address account = address(uint160(uint256(topics[2])));
        _chain(RegisterKind.Joined, topics[1], account, card, argument, time, newHead);
        _append(topics[1], account, time, consent, card);
        _entry(topics[1]).previous = uint32(previous);
        _entry(topics[1]).origin = uint32(uint256(topics[1]));
        _changes[uint32(uint256(topics[1]))].push(Change(time, Standing.Associate));
    }

    function _left(bytes32[] calldata topics, bytes calldata data) private {
        (uint256 card, Cause cause, bytes16 document, uint256 time, bytes32 newHead) =
            abi.decode(data, (uint256, Cause, bytes16, uint256, bytes32));
        uint256 argument = uint256(cause) | (uint256(uint128(document)) << 128);
        address account = address(uint160(uint256(topics[2])));
        _chain(RegisterKind.Left, topics[1], account, card, argument, time, newHead);
        _close(_entry(topics[1]), time, cause);
    }

    function _standing(bytes32[] calldata topics, bytes calldata data) private {
        (Standing standing, bytes16 document, uint256 time, bytes32 newHead) =
            abi.decode(data, (Standing, bytes16, uint256, bytes32));
        uint256 argument = uint256(standing) | (uint256(uint128(document)) << 128);
        address account = address(uint160(uint256(topics[2])));
        _chain(RegisterKind.StandingSet, topics[1], account, 0, argument, time, newHead);
        _changes[uint32(uint256(topics[1]))].push(Change(time, standing));
    }

    function _moved(bytes32[] calldata topics, bytes calldata data) private {
        (uint256 card, MoveKind kind, uint256 time, bytes32 newHead) =
            abi.decode(data, (uint256, MoveKind, uint256, bytes32));
        address account = address(uint160(uint256(topics[2])));
        uint256 argument = uint256(topics[3]) | (uint256(kind) << 32);
        _chain(RegisterKind.Moved, topics[1], account, card, argument, time, newHead);
        uint32 number = uint32(uint256(topics[1]));
        uint32 old = uint32(uint256(topics[3]));
        uint32 previous = latest(account);
        _close(_entries[old], time, Cause.Moved);
        _append(topics[1], account, time, _entries[old].consent, card);
        _entries[number].previous = previous;
        _entries[number].movedFrom = old;
        _entries[number].origin = _entries[old].origin;
        _entries[old].movedTo = number;
        _changes[number].push(Change(time, standingAt(old, time - 1, false)));
    }

    function _bylaws(bytes32[] calldata topics, bytes calldata data) private {
        (bytes32 hash, uint256 time, bytes32 newHead) = abi.decode(data, (bytes32, uint256, bytes32));
        _chain(RegisterKind.BylawsSet, topics[1], address(0), 0, uint256(hash), time, newHead);
    }

    function _chain(
        RegisterKind kind,
        bytes32 number,
        address account,
        uint256 card,
        uint256 argument,
        uint256 time,
        bytes32 newHead
    ) private {
        head = keccak256(abi.encode(head, kind, number, account, card, argument, time));
        claimed = newHead;
        ++count;
        times.push(time);
    }

    function _append(bytes32 number, address account, uint256 time, Consent consent, uint256 card) private {
        require(uint256(number) == _entries.length, "numbers follow one another");
        _entries.push();
        Entry storage e = _entries[uint256(number)];
        (e.account, e.joinedAt, e.consent, e.card) = (account, time, consent, card);
    }

    function _close(Entry storage e, uint256 time, Cause cause) private {
        (e.leftAt, e.cause, e.contested) = (time, cause, false);
        ++closed;
    }

    function _mark(bytes calldata data, mapping(uint256 ticketId => bool) storage marks) private {
        uint256[] memory ids = abi.decode(data, (uint256[]));
        for (uint256 i; i < ids.length; ++i) {
            marks[ids[i]] = true;
        }
    }

    function _entry(bytes32 number) private view returns (Entry storage) {
        return _entries[uint256(number)];
    }

    /* QUESTIONS */

    function entry(uint32 number) external view returns (Entry memory) {
        return _entries[number];
    }

    function records() public view returns (uint32) {
        return uint32(_entries.length - 1);
    }

    function happenings() external view returns (uint256) {
        return times.length;
    }

    function wasOpen(uint32 number, uint256 time) public view returns (bool) {
        Entry storage e = _entries[number];
        return e.joinedAt <= time && (e.cause == Cause.None || time < e.leftAt);
    }

    /// @param whileOpen whether to answer `None` where the record was not open
    function standingAt(uint32 number, uint256 time, bool whileOpen) public view returns (Standing s) {
        if (whileOpen && !wasOpen(number, time)) return Standing.None;
        Change[] storage list = _changes[number];
        s = list[0].standing;
        for (uint256 i; i < list.length && (!whileOpen || list[i].time <= time); ++i) {
            s = list[i].standing;
        }
    }

    function latest(address account) public view returns (uint32 number) {
        for (uint32 n = records(); n > 0; --n) {
            if (_entries[n].account == account) return n;
        }
    }

    function openOf(address account) external view returns (uint32 number, uint256 howMany) {
        for (uint32 n = 1; n <= records(); ++n) {
            if (_entries[n].account == account && _entries[n].cause == Cause.None) {
                number = n;
                ++howMany;
            }
        }
    }

    function memberAt(address account, uint256 time) external view returns (uint32) {
        for (uint32 n = 1; n <= records(); ++n) {
            if (_entries[n].account == account && wasOpen(n, time)) return n;
        }
        return 0;
    }

    function membersAt(uint256 time) external view returns (uint256 sum) {
        for (uint32 n = 1; n <= records(); ++n) {
            if (wasOpen(n, time)) ++sum;
        }
    }

    function votersAt(uint256 time) external view returns (uint256 sum) {
        for (uint32 n = 1; n <= records(); ++n) {
            if (standingAt(n, time, true) == Standing.Full) ++sum;
        }
    }

    /// @notice The end of the chain of moves that the record belongs to.
    function tail(uint32 number) public view returns (uint32) {
        while (_entries[number].movedTo != 0) {
            number = _entries[number].movedTo;
        }
        return number;
    }

    /// @notice The record that the ticket carries; zero if none.
    function carried(uint256 ticketId) public view returns (uint32) {
        for (uint32 n = records(); n > 0; --n) {
            Entry storage e = _entries[n];
            if (e.card == ticketId) return e.cause == Cause.Annulled ? 0 : n;
        }
        return 0;
    }

    function frozen(address account) external view returns (bool) {
        uint32 n = latest(account);
        return n != 0 && _entries[n].contested;
    }
}
