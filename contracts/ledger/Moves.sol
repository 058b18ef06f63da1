// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketLedger, Move, MoveKind, MoveState} from "../interfaces/ITicketLedger.sol";
import {Signatures} from "../signing/Signatures.sol";
import {RecordWord} from "./RecordWord.sol";
import {Register} from "./Register.sol";
import {Tickets} from "./Tickets.sol";
import {TicketWord} from "./TicketWord.sol";

/// @title Moves
/// @notice How a membership follows its person to a new key.
///
///     proposed --7 days--> accepted by the new key
///        | veto by the old key
///     vetoed --board--> contested (old key frozen) --30 days--> accepted by the new key
///
/// The guardian can cancel at every stage. The delays are constants: no role can shorten them.
abstract contract Moves is Register, Signatures {
    using RecordWord for uint256;
    using TicketWord for uint96;

    uint40 public constant MOVE_DELAY = 7 days;
    uint40 public constant CONTESTED_MOVE_DELAY = 30 days;

    bytes32 private constant VETO_TYPEHASH =
        keccak256("VetoMove(uint32 number,address to,uint40 readyAt,uint256 deadline)");
    bytes32 private constant ACCEPT_TYPEHASH =
        keccak256("AcceptMove(uint32 number,uint40 readyAt,uint256[] ticketIds,uint256 deadline)");
    bytes32 private constant NOW_TYPEHASH =
        keccak256("MoveNow(uint32 number,address to,uint256[] ticketIds,uint256 deadline)");

    mapping(uint32 number => Move) private _moves;

    /// @inheritdoc ITicketLedger
    function moveOf(uint32 number) external view returns (Move memory) {
        return _moves[number];
    }

    /// @inheritdoc ITicketLedger
    function isFrozen(address account) public view override returns (bool) {
        uint32 number = memberOf(account);
        return number != 0 && _moves[number].state == MoveState.Contested;
    }

    /// @inheritdoc ITicketLedger
    function proposeMove(uint32 number, address to) external restricted {
        _requireState(number, MoveState.None);
        _openMove(number, to, MoveState.Proposed, MOVE_DELAY);
        emit MoveProposed(number, to, _moves[number].readyAt);
    }

    /// @inheritdoc ITicketLedger
    function vetoMove(uint32 number) external {
        address account = _openRecord(number).account();
        if (account != msg.sender) revert NotTheOldKey(number, account, msg.sender);
        _veto(number);
    }

    /// @inheritdoc ITicketLedger
    function vetoMoveBySig(uint32 number, uint256 deadline, bytes calldata signature) external {
        Move storage m = _moves[number];
        bytes32 structHash = keccak256(abi.encode(VETO_TYPEHASH, number, m.to, m.readyAt, deadline));
        _requireSigned(_openRecord(number).account(), structHash, deadline, signature);
        _veto(number);
    }

    /// @inheritdoc ITicketLedger
    function contestMove(uint32 number, address to) external restricted {
        _requireState(number, MoveState.Vetoed);
        _openMove(number, to, MoveState.Contested, CONTESTED_MOVE_DELAY);
        emit MoveContested(number, to, _moves[number].readyAt);
    }

    /// @inheritdoc ITicketLedger
    function cancelMove(uint32 number) external restricted {
        if (_moves[number].state == MoveState.None) revert WrongMoveState(number, MoveState.None);
        delete _moves[number];
        emit MoveCancelled(number);
    }

    /// @inheritdoc ITicketLedger
    function acceptMove(uint32 number, uint256[] calldata ticketIds) external returns (uint32) {
        address to = _moves[number].to;
        if (to != msg.sender) revert NotTheMoveTarget(number, to, msg.sender);
        return _accept(number, ticketIds);
    }

    /// @inheritdoc ITicketLedger
    function acceptMoveBySig(
        uint32 number,
        uint256[] calldata ticketIds,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint32) {
        Move storage m = _moves[number];
        bytes32 idsHash = keccak256(abi.encodePacked(ticketIds));
        bytes32 structHash = keccak256(abi.encode(ACCEPT_TYPEHASH, number, m.readyAt, idsHash, deadline));
        _requireSigned(m.to, structHash, deadline, signature);
        return _accept(number, ticketIds);
    }

    /// @inheritdoc ITicketLedger
    function moveNow(
        uint32 number,
        address to,
        uint256[] calldata ticketIds,
        uint256 deadline,
        bytes calldata oldSignature,
        bytes calldata newSignature
    ) external restricted returns (uint32) {
        MoveState state = _moves[number].state;
        if (state == MoveState.Contested) revert WrongMoveState(number, state);
        bytes32 idsHash = keccak256(abi.encodePacked(ticketIds));
        bytes32 structHash = keccak256(abi.encode(NOW_TYPEHASH, number, to, idsHash, deadline));
        _requireSigned(_openRecord(number).account(), structHash, deadline, oldSignature);
        _requireSigned(to, structHash, deadline, newSignature);
        _dropMove(number);
        return _execute(number, to, ticketIds, MoveKind.Agreed);
    }

    /* INTERNAL */

    /// @dev A record that is closed, or moved otherwise, has nothing left to move.
    function _dropMove(uint32 number) internal {
        if (_moves[number].state != MoveState.None) {
            delete _moves[number];
            emit MoveCancelled(number);
        }
    }

    function _openMove(uint32 number, address to, MoveState state, uint40 delay) private {
        address account = _openRecord(number).account();
        if (to == address(0) || to == account) revert BadMoveTarget(to);
        _requireNotMember(to);
        _moves[number] = Move(to, uint40(block.timestamp) + delay, state);
    }

    function _veto(uint32 number) private {
        _requireState(number, MoveState.Proposed);
        _moves[number].state = MoveState.Vetoed;
        emit MoveVetoed(number);
    }

    function _accept(uint32 number, uint256[] calldata ticketIds) private returns (uint32) {
        Move memory m = _moves[number];
        if (m.state != MoveState.Proposed && m.state != MoveState.Contested) {
            revert WrongMoveState(number, m.state);
        }
        if (block.timestamp < m.readyAt) revert MoveNotReady(number, m.readyAt);
        // A state is compared here, not an amount that somebody could nudge.
        // slither-disable-next-line incorrect-equality
        MoveKind kind = m.state == MoveState.Contested ? MoveKind.Contested : MoveKind.Delayed;
        return _execute(number, m.to, ticketIds, kind);
    }

    function _execute(uint32 number, address to, uint256[] calldata ticketIds, MoveKind kind)
        private
        returns (uint32 newNumber)
    {
        address from = _openRecord(number).account();
        if (to == address(0) || to == from) revert BadMoveTarget(to);
        _requireNotMember(to);
        delete _moves[number];

        (, uint256 card) = _latest(from);
        newNumber = _move(number, to, kind);
        _setExtraData(card, _getExtraData(card).withMember(newNumber));

        _moving = true;
        _transfer(from, to, card);
        for (uint256 i; i < ticketIds.length; ++i) {
            uint96 word = _getExtraData(ticketIds[i]);
            bool stays = word.member() != 0 || word.has(TicketWord.REDEEMED) || word.has(TicketWord.VOID);
            // Skipped, not refused: the old key must not be able to spoil an acceptance.
            if (stays || _ownerOf(ticketIds[i]) != from) continue;
            _transfer(from, to, ticketIds[i]);
        }
        _moving = false;
    }

    function _requireState(uint32 number, MoveState state) private view {
        if (_moves[number].state != state) revert WrongMoveState(number, _moves[number].state);
    }

    function _requireNotMember(address account) internal view {
        uint32 number = memberOf(account);
        if (number != 0) revert AlreadyMember(account, number);
    }
}
