// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Announcement} from "../../interfaces/IBoxOffice.sol";
import {ITicketLens} from "../../interfaces/ITicketLens.sol";
import {Base} from "./Base.sol";
import {ILedger, IOffice} from "./Faces.sol";
import {Replay} from "./Replay.sol";

/// @title Stage
/// @notice Where random actors play, and what is written down about them from outside: who owns a
/// ticket, what was paid for it and drawn again, since when a move waits. It follows from the calls
/// and the events, never from the state that it is compared with.
abstract contract Stage is Base {
    uint256 internal constant ACTORS = 7;

    Replay public replay;
    IOffice[] public shops;
    uint32[] public shows;
    mapping(uint32 screening => IOffice) public shopOf;

    /// @dev Tickets are numbered from one.
    uint256 public tickets;
    mapping(uint256 ticketId => address) public owner;
    mapping(uint256 ticketId => uint32) public showOf;
    mapping(uint256 ticketId => uint256) public paid;
    mapping(uint256 ticketId => uint256) public drawn;
    mapping(uint32 screening => bool) private _nonTransferable;

    mapping(uint32 number => uint256 time) internal _waitsUntil;
    mapping(uint32 number => uint256 word) public closedWord;
    /// @notice What happened and must not.
    string public scandal;
    mapping(string action => uint256) public successes;

    uint256 private _dice;

    function setUp() public virtual override {
        vm.recordLogs();
        super.setUp();
        replay = new Replay(address(ledger));
        _listen();
        shops.push(office);
        shops.push(coins);
        _announce(office);
        _announce(coins);
    }

    function theLedger() external view returns (ILedger) {
        return ledger;
    }

    function theLens() external view returns (ITicketLens) {
        return lens;
    }

    /* THE PROGRAMME */

    /// @dev Two screenings, one of them with seats and not transferable.
    function _announce(IOffice shop) internal {
        Announcement memory a = _announcement();
        a.capacity = 6;
        a.startsAt = a.refundableUntil = uint40(vm.getBlockTimestamp()) + 10 days;
        a.endsAt = a.closesAt = a.startsAt + 1 days;
        for (uint256 i; i < 2; ++i) {
            (a.seated, a.nonTransferable) = (i == 1, i == 1);
            uint32 show = _show(shop, a);
            shows.push(show);
            shopOf[show] = shop;
            _nonTransferable[show] = i == 1;
        }
    }

    function showCount() external view returns (uint256) {
        return shows.length;
    }

    function shopCount() external view returns (uint256) {
        return shops.length;
    }

    /* WHAT IS WRITTEN DOWN */

    function _listen() internal {
        replay.take(vm.getRecordedLogs());
        for (uint32 n = 1; n <= replay.records(); ++n) {
            if (closedWord[n] == 0 && replay.entry(n).leftAt != 0) closedWord[n] = ledger.member(n);
        }
    }

    function _issued(uint32 show, address holder, uint256 price) internal {
        ++tickets;
        owner[tickets] = holder;
        showOf[tickets] = show;
        paid[tickets] = price;
    }

    function isLocked(uint256 id) public view returns (bool) {
        return replay.carried(id) != 0 || replay.redeemed(id) || replay.isVoid(id)
            || _nonTransferable[showOf[id]];
    }

    function _isScandal(bool condition, string memory what) internal {
        if (condition && bytes(scandal).length == 0) scandal = what;
    }

    function balanceOf(IOffice shop) public view returns (uint256) {
        address currency = shop.currency();
        return currency == address(0) ? address(shop).balance : rupiah.balanceOf(address(shop));
    }

    /* DICE */

    function _seed(uint256 seed) internal {
        _dice = seed;
    }

    function _roll(uint256 sides) internal returns (uint256) {
        _dice = uint256(keccak256(abi.encode(_dice)));
        return _dice % sides;
    }

    function _key() internal returns (uint256) {
        return 1 + _roll(ACTORS);
    }

    function _actor() internal returns (address) {
        return vm.addr(_key());
    }

    /// @dev Rather one of the newest.
    function _someShow() internal returns (uint32) {
        return shows[shows.length - 1 - _roll(_roll(4) == 0 ? shows.length : 4)];
    }

    /// @dev Rather one of the newest.
    function _someTicket() internal returns (uint256) {
        if (tickets < 2) return tickets;
        return tickets - _roll(_roll(2) == 0 || tickets < 12 ? tickets : 12);
    }

    /// @dev Rather a recent one.
    function _someRecord() internal returns (uint32 number) {
        uint256 all = replay.records();
        if (all == 0) return 0;
        uint256 back = _roll(all);
        if (_roll(2) == 0) back = _roll(all < 5 ? all : 5);
        return uint32(all - back);
    }

    /// @dev Somebody, rather not a member.
    function _stranger() internal returns (uint256 key) {
        for (uint256 i; i < 4; ++i) {
            key = _key();
            if (ledger.memberOf(vm.addr(key)) == 0) return key;
        }
    }

    function _keyOf(address account) internal view returns (uint256) {
        for (uint256 key = 1; key <= ACTORS; ++key) {
            if (vm.addr(key) == account) return key;
        }
        return 0;
    }

    /// @dev Calls as somebody; failing is part of the game.
    function _try(string memory action, address by, address target, uint256 value, bytes memory call)
        internal
        returns (bool done, bytes memory answer)
    {
        if (value != 0) vm.deal(by, value);
        _listen();
        vm.prank(by);
        (done, answer) = target.call{value: value}(call);
        if (done) ++successes[action];
        // What a call that failed had logged is recorded too, and did not happen.
        else vm.getRecordedLogs();
    }

    function _try(string memory action, address by, address target, bytes memory call)
        internal
        returns (bool done)
    {
        (done,) = _try(action, by, target, 0, call);
    }
}
