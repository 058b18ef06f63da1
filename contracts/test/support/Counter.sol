// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "../../access/Roles.sol";
import {IBoxOffice, Purchase} from "../../interfaces/IBoxOffice.sol";
import {ITicketLedger} from "../../interfaces/ITicketLedger.sol";
import {IOffice} from "./Faces.sol";
import {Stage} from "./Stage.sol";

/// @title Counter
/// @notice What random actors do at the box office and at the door.
abstract contract Counter is Stage {
    function _buys() internal {
        uint32 show = _someShow();
        IOffice shop = shopOf[show];
        address buyer = _actor();
        bool joins = _roll(2) == 0;
        Purchase memory p = _purchase(show, joins ? buyer : _actor(), joins ? ledger.bylawsVersion() : 0);
        if (shop.sale(show).seated) p.seat = uint16(1 + _roll(7));
        // The seat may be taken, or be none.
        bool inCoin = shop.currency() == address(0);
        if (!inCoin) {
            rupiah.mint(buyer, PRICE);
            vm.prank(buyer);
            rupiah.approve(address(shop), PRICE);
        }
        bytes memory call = abi.encodeCall(IBoxOffice.buy, (p));
        (bool done,) = _try("buy", buyer, address(shop), inCoin ? PRICE : 0, call);
        if (done) _issued(show, p.holder, PRICE);
    }

    function _sells() internal {
        uint32 show = _someShow();
        IOffice shop = shopOf[show];
        uint256[] memory lines = new uint256[](1 + _roll(3));
        bool seated = shop.sale(show).seated;
        for (uint256 i; i < lines.length; ++i) {
            lines[i] = _line(_actor(), seated ? uint16(1 + _roll(7)) : 0, _roll(2) == 0);
        }
        bytes32[] memory references = new bytes32[](lines.length);
        bytes memory call =
            abi.encodeCall(IBoxOffice.sell, (show, shop.sale(show).sequence, lines, references, 1, PAPER));
        if (!_try("sell", CLERK, address(shop), call)) return;
        for (uint256 i; i < lines.length; ++i) {
            _issued(show, address(uint160(lines[i])), 0);
        }
    }

    /// @dev Any ticket, by its holder or by anybody, at any box office.
    function _refunds() internal {
        uint256 id = _someTicket();
        IOffice shop = _roll(8) == 0 ? shops[_roll(shops.length)] : shopOf[showOf[id]];
        address by = _roll(4) == 0 ? _actor() : owner[id];
        _draws("refund", id, by, shop, abi.encodeCall(IBoxOffice.refund, (_ids(id))));
    }

    function _returnsDeposit() internal {
        uint256 id = _someTicket();
        // A ticket that carries a membership is the better guess.
        if (replay.records() != 0 && _roll(3) != 0) id = replay.entry(_someRecord()).card;
        IOffice shop = shopOf[showOf[id]];
        uint256 way = _roll(4);
        if (way < 2) {
            _draws("returnDeposit", id, _actor(), shop, abi.encodeCall(IBoxOffice.returnDeposit, (id)));
        } else if (way == 2) {
            bytes memory call = abi.encodeCall(IBoxOffice.returnDepositTo, (id, _actor(), PAPER));
            _draws("returnDepositTo", id, TREASURER, shop, call);
        } else {
            bytes memory call = abi.encodeCall(IBoxOffice.recordDepositReturn, (id, PAPER));
            _draws("recordDepositReturn", id, TREASURER, shop, call);
        }
    }

    function _draws(string memory action, uint256 id, address by, IOffice shop, bytes memory call) private {
        if (id == 0) return;
        uint256 before = balanceOf(shop);
        _try(action, by, address(shop), call);
        drawn[id] += before - balanceOf(shop);
    }

    function _voids() internal {
        uint256 id = _someTicket();
        uint32 show = showOf[id];
        bytes memory call = abi.encodeCall(IBoxOffice.void, (show, _ids(id), PAPER));
        _try("void", CLERK, address(shopOf[show]), call);
    }

    /// @dev The issuer's own void, as anybody.
    function _voidsPastTheBoxOffice() internal {
        uint256 id = _someTicket();
        address by = _roll(2) == 0 ? CLERK : address(shops[_roll(shops.length)]);
        if (by == address(shopOf[showOf[id]])) return;
        bool done = _try("stray", by, address(ledger), abi.encodeCall(ITicketLedger.void, (showOf[id], _ids(id))));
        _isScandal(done, "voided by another than the issuer");
    }

    function _cancels() internal {
        if (_roll(8) != 0) return;
        uint32 show = _someShow();
        _try("cancelScreening", BOARD, address(shopOf[show]), abi.encodeCall(IBoxOffice.cancelScreening, (show)));
    }

    function _postpones() internal {
        uint32 show = _someShow();
        uint40 later = uint40(_roll(3 days));
        uint40 startsAt = ledger.screening(show).startsAt + later;
        uint40 endsAt = ledger.screening(show).endsAt + later;
        bytes memory call = abi.encodeCall(IBoxOffice.postpone, (show, startsAt, endsAt, endsAt));
        _try("postpone", BOARD, address(shopOf[show]), call);
    }

    function _withdraws() internal {
        uint32 show = _someShow();
        bytes memory call = abi.encodeCall(IBoxOffice.withdraw, (show, TREASURER));
        _try("withdraw", TREASURER, address(shopOf[show]), call);
    }

    /// @dev More of the programme. Sometimes a new box office takes over: the old one keeps its
    /// screenings, and may sell no more.
    function _announces() internal {
        if (_roll(2) != 0) return;
        uint256 last = shops.length - 1;
        if (last < 5 && _roll(4) == 0) {
            manager.revokeRole(Roles.MINTER, address(shops[last - 1]));
            shops.push(_newOffice(shops[last - 1].currency()));
            ++successes["replace"];
        }
        _announce(shops[shops.length - 1 - _roll(2)]);
    }

    function _redeems() internal {
        uint256 id = _someTicket();
        if (id == 0) return;
        uint256[] memory ids = _ids(id, _someTicket());
        uint256 opensAt = uint256(ledger.screening(showOf[id]).startsAt) - 12 hours;
        if (opensAt > vm.getBlockTimestamp() && _roll(3) == 0) vm.warp(opensAt + _roll(1 days));
        _try("redeem", GATE, address(ledger), abi.encodeCall(ITicketLedger.redeem, (showOf[id], ids)));
    }

    function _unredeems() internal {
        uint256 id = _someTicket();
        for (uint256 i; i < 6 && !replay.redeemed(id); ++i) {
            id = _someTicket();
        }
        _try("unredeem", CLERK, address(ledger), abi.encodeCall(ITicketLedger.unredeem, (showOf[id], id)));
    }

    /// @dev Every way in which a token can be made to change its owner.
    function _transfers() internal {
        uint256 id = _someTicket();
        (address from, address to) = (owner[id], _actor());
        if (from == address(0)) return;
        bool mayMove = !isLocked(id) && !replay.frozen(from);
        (address by, bytes memory call) = _transferCall(_roll(8), id, from, to);
        bool done = _try("transfer", by, address(ledger), call);
        _isScandal(done && !mayMove, "a locked ticket changed owner");
        _isScandal(!done && mayMove, "a free ticket is stuck");
        if (done && mayMove) owner[id] = to;
    }

    function _transferCall(uint256 way, uint256 id, address from, address to)
        private
        returns (address by, bytes memory call)
    {
        by = from;
        if (way < 3) {
            if (way == 1) {
                by = address(0xA66);
                vm.prank(from);
                ledger.approve(by, id);
            } else if (way == 2) {
                by = address(0x09E);
                vm.prank(from);
                ledger.setApprovalForAll(by, true);
            }
            call = abi.encodeWithSignature("transferFrom(address,address,uint256)", from, to, id);
        } else if (way == 3) {
            call = abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", from, to, id);
        } else if (way == 4) {
            call = abi.encodeWithSignature("safeTransferFrom(address,address,uint256,bytes)", from, to, id, "");
        } else if (way < 7) {
            call = abi.encodeCall(ITicketLedger.give, (id, to));
        } else {
            by = address(0x3E1A);
            uint256 deadline = vm.getBlockTimestamp() + _roll(1 << 40);
            bytes memory signature = _sign(_keyOf(from), address(ledger), _giveHash(id, to, deadline));
            call = abi.encodeCall(ITicketLedger.giveBySig, (id, to, deadline, signature));
        }
    }
}
