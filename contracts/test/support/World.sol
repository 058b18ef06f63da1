// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cause, ITicketLedger, Move, MoveState, Standing} from "../../interfaces/ITicketLedger.sol";
import {Counter} from "./Counter.sol";

/// @title World
/// @notice Members, registrar, board and guardian at random, and the step that draws what happens.
contract World is Counter {
    /// @notice One random event.
    function step(uint256 seed) external {
        vm.recordLogs();
        _seed(seed);
        uint256 what = _roll(34);
        if (what < 2) vm.warp(vm.getBlockTimestamp() + _roll(what == 0 ? 3 days : 1 days));
        else if (what < 7) _buys();
        else if (what < 9) _sells();
        else if (what < 11) _refunds();
        else if (what < 13) _returnsDeposit();
        else if (what == 13) _voids();
        else if (what == 14) _cancels();
        else if (what == 15) _postpones();
        else if (what == 16) _withdraws();
        else if (what == 17) _announces();
        else if (what == 18) _redeems();
        else if (what == 19) _unredeems();
        else if (what < 22) _transfers();
        else if (what == 22) _joins();
        else if (what == 23) _leaves();
        else if (what == 24) _closes();
        else if (what == 25) _setsStanding();
        else if (what == 26) _proposes();
        else if (what == 27) _vetoes();
        else if (what == 28) _contests();
        else if (what == 29) _cancelsMove();
        else if (what < 32) _accepts();
        else if (what == 32) _movesNow();
        else _roll(2) == 0 ? _voidsPastTheBoxOffice() : _setsBylaws();
        _listen();
    }

    /* MEMBERSHIP */

    function _joins() private {
        uint256 id = _someTicket();
        uint32 bylaws = ledger.bylawsVersion();
        uint40 time = uint40(vm.getBlockTimestamp());
        address holder = _roll(4) == 0 ? _actor() : owner[id];
        uint256 way = _roll(3);
        bool done;
        if (way == 0) {
            done = _try("join", holder, address(ledger), abi.encodeCall(ITicketLedger.join, (id, bylaws)));
        } else if (way == 1) {
            bytes memory call = abi.encodeCall(ITicketLedger.enrol, (id, 1, time, PAPER));
            done = _try("enrol", REGISTRAR, address(ledger), call);
        } else if (holder != address(0)) {
            bytes32 hash = _joinHash(holder, id, bylaws, replay.latest(holder), time, time);
            bytes memory signature = _sign(_keyOf(holder), address(ledger), hash);
            bytes memory call =
                abi.encodeCall(ITicketLedger.joinBySig, (holder, id, bylaws, time, time, signature));
            done = _try("joinBySig", address(this), address(ledger), call);
        }
        _isScandal(done && replay.isVoid(id), "a void ticket founded a membership");
    }

    function _leaves() private {
        address account = _actor();
        bool frozen = replay.frozen(account);
        bool done = _try("leave", account, address(ledger), abi.encodeCall(ITicketLedger.leave, ()));
        _isScandal(done && frozen, "a frozen account left");
    }

    function _closes() private {
        Cause cause = [Cause.Expelled, Cause.Deceased, Cause.Annulled][_roll(3)];
        bytes memory call = abi.encodeCall(ITicketLedger.close, (_someRecord(), cause, PAPER));
        _try("close", CLOSING, address(ledger), call);
    }

    function _setsStanding() private {
        Standing standing = _roll(4) == 0 ? Standing.Associate : Standing.Full;
        for (uint256 i; i < 3; ++i) {
            bytes memory call = abi.encodeCall(ITicketLedger.setStanding, (_someRecord(), standing, PAPER));
            _try("setStanding", REGISTRAR, address(ledger), call);
        }
    }

    function _setsBylaws() private {
        vm.prank(BOARD);
        ledger.setBylaws(keccak256(abi.encode(vm.getBlockTimestamp())));
    }

    /* MOVES */

    function _proposes() private {
        uint32 number = _someRecord();
        bytes memory call = abi.encodeCall(ITicketLedger.proposeMove, (number, vm.addr(_stranger())));
        if (_try("proposeMove", RECOVERY, address(ledger), call)) {
            _waitsUntil[number] = vm.getBlockTimestamp() + 7 days;
        }
    }

    function _vetoes() private {
        uint32 number = _moving();
        address by = _roll(4) == 0 ? _actor() : replay.entry(number).account;
        if (by == address(0)) return;
        if (_try("vetoMove", by, address(ledger), abi.encodeCall(ITicketLedger.vetoMove, (number)))) {
            _waitsUntil[number] = type(uint256).max;
            _isScandal(by != replay.entry(number).account, "vetoed by somebody else");
        }
    }

    function _contests() private {
        uint32 number = _moving();
        bytes memory call = abi.encodeCall(ITicketLedger.contestMove, (number, vm.addr(_stranger())));
        if (_try("contestMove", BOARD, address(ledger), call)) {
            _isScandal(_waitsUntil[number] != type(uint256).max, "contested without a veto");
            _waitsUntil[number] = vm.getBlockTimestamp() + 30 days;
        }
    }

    function _cancelsMove() private {
        if (_roll(3) != 0) return;
        uint32 number = _moving();
        if (_try("cancelMove", GUARDIAN, address(ledger), abi.encodeCall(ITicketLedger.cancelMove, (number)))) {
            _waitsUntil[number] = type(uint256).max;
        }
    }

    function _accepts() private {
        uint32 number = _moving();
        Move memory m = ledger.moveOf(number);
        // Mostly patient, mostly the right one.
        if (_roll(2) == 0 && m.readyAt > vm.getBlockTimestamp()) vm.warp(m.readyAt - _roll(2));
        address by = _roll(6) == 0 || m.to == address(0) ? _actor() : m.to;
        address from = replay.entry(number).account;
        uint256[] memory ids = _takenAlong(from);
        bytes memory call = abi.encodeCall(ITicketLedger.acceptMove, (number, ids));
        if (_try("acceptMove", by, address(ledger), call)) {
            _isScandal(vm.getBlockTimestamp() < _waitsUntil[number], "moved before its delay");
            _isScandal(by != m.to, "accepted by somebody else");
            _taken(number, by, ids);
        }
    }

    function _movesNow() private {
        uint32 number = _someRecord();
        address from = replay.entry(number).account;
        (uint256 newKey, uint256 oldKey) = (_stranger(), _roll(4) == 0 ? _key() : _keyOf(from));
        if (oldKey == 0) return;
        address to = vm.addr(newKey);
        bool frozen = replay.frozen(from);
        uint256[] memory ids = _takenAlong(from);
        uint256 deadline = vm.getBlockTimestamp();
        bytes32 hash = _nowHash(number, to, ids, deadline);
        bytes memory call = abi.encodeCall(
            ITicketLedger.moveNow,
            (
                number,
                to,
                ids,
                deadline,
                _sign(oldKey, address(ledger), hash),
                _sign(_roll(4) == 0 ? _key() : newKey, address(ledger), hash)
            )
        );
        if (_try("moveNow", REGISTRAR, address(ledger), call)) {
            _isScandal(vm.addr(oldKey) != from, "moved without the old key");
            _isScandal(frozen, "a frozen account agreed to a move");
            _taken(number, to, ids);
        }
    }

    /// @dev A record with a pending move, if a few looks find one.
    function _moving() private returns (uint32 number) {
        for (uint256 i; i < 6; ++i) {
            number = _someRecord();
            if (number != 0 && ledger.moveOf(number).state != MoveState.None) return number;
        }
    }

    /// @dev One ticket that may come along or, at times, any; or none.
    function _takenAlong(address from) private returns (uint256[] memory) {
        for (uint256 i; i < 4; ++i) {
            uint256 id = _someTicket();
            if (id != 0 && (_mayCome(id, from) || _roll(4) == 0)) return _ids(id);
        }
        return new uint256[](0);
    }

    function _mayCome(uint256 id, address from) private view returns (bool) {
        return owner[id] == from && replay.carried(id) == 0 && !replay.redeemed(id) && !replay.isVoid(id);
    }

    function _taken(uint32 number, address to, uint256[] memory ids) private {
        address from = replay.entry(number).account;
        owner[replay.entry(number).card] = to;
        for (uint256 i; i < ids.length; ++i) {
            // The others are skipped; that they stay is what the invariant on owners shows.
            if (_mayCome(ids[i], from)) owner[ids[i]] = to;
        }
    }
}
