// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sale, Till} from "../interfaces/IBoxOffice.sol";
import {Cause, Record, Standing, Ticket} from "../interfaces/ITicketLedger.sol";
import {ITicketLens} from "../interfaces/ITicketLens.sol";
import {ILedger, IOffice} from "./support/Faces.sol";
import {Replay} from "./support/Replay.sol";
import {Vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

// Whatever happens, in whatever order. README.md lists what is shown here, and broken/mutations.mjs
// breaks each of it.
contract InvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant ACTORS = 7;

    World private world;
    Replay private replay;
    ILedger private ledger;
    ITicketLens private lens;

    function setUp() public {
        world = new World();
        world.setUp();
        (replay, ledger, lens) = (world.replay(), world.theLedger(), world.theLens());
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(world);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0].addr = address(world);
        list[0].selectors = new bytes4[](1);
        list[0].selectors[0] = World.step.selector;
    }

    /* THE REGISTER */

    function invariant_oneOpenRecordAnAccount() public view {
        for (uint256 i = 1; i <= ACTORS; ++i) {
            address account = vm.addr(i);
            uint32 number;
            for (uint32 n = ledger.memberCount(); n > 0; --n) {
                Record memory r = lens.member(n);
                if (r.account != account || r.leftAt != 0) continue;
                vm.assertEq(number, 0, "a second open record");
                number = n;
            }
            vm.assertEq(ledger.memberOf(account), number, "memberOf");
            vm.assertEq(ledger.latestMemberOf(account), replay.latest(account), "latestMemberOf");
            uint256 card = ledger.ticketOf(account);
            vm.assertTrue((card == 0) == (number == 0), "a member has a card");
            if (card == 0) continue;
            vm.assertEq(lens.ticket(card).member, number, "the card carries the record");
            vm.assertEq(lens.ticket(card).owner, account, "the member holds the card");
        }
        for (uint256 id = 1; id <= world.tickets(); ++id) {
            vm.assertEq(lens.ticket(id).member, replay.carried(id), "what a ticket carries");
        }
    }

    function invariant_openIsJoinedMinusClosed() public view {
        uint256 closed = replay.closed();
        vm.assertEq(ledger.memberCount(), replay.records(), "memberCount");
        vm.assertEq(ledger.activeCount(), replay.records() - closed, "activeCount");
        uint256 open;
        for (uint32 n = 1; n <= ledger.memberCount(); ++n) {
            if (lens.member(n).cause == Cause.None) ++open;
        }
        vm.assertEq(open, ledger.activeCount(), "open records");
        (bool more,) = address(ledger).staticcall(abi.encodeCall(ledger.exitAt, (closed)));
        vm.assertTrue(!more, "an exit too many");
    }

    function invariant_closedRecordsNeverChange() public view {
        for (uint32 n = 1; n <= replay.records(); ++n) {
            if (world.closedWord(n) != 0) vm.assertEq(ledger.member(n), world.closedWord(n), "closed record");
            Replay.Entry memory e = replay.entry(n);
            Record memory r = lens.member(n);
            vm.assertEq(r.account, e.account, "account");
            vm.assertEq(r.joinedAt, e.joinedAt, "joinedAt");
            vm.assertEq(r.leftAt, e.leftAt, "leftAt");
            vm.assertEq(uint256(r.cause), uint256(e.cause), "cause");
            vm.assertEq(uint256(r.consent), uint256(e.consent), "consent");
            vm.assertEq(uint256(r.standing), uint256(replay.standingAt(n, 0, false)), "standing");
            vm.assertEq(
                keccak256(abi.encode(ledger.linkOf(n))),
                keccak256(abi.encode(e.previous, e.movedFrom, e.origin)),
                "links"
            );
        }
    }

    function invariant_headIsTheReplayOfTheEvents() public view {
        vm.assertEq(ledger.registerHead(), replay.head(), "registerHead");
        vm.assertEq(ledger.registerHead(), replay.claimed(), "the newest event's head");
        vm.assertEq(ledger.eventCount(), replay.count(), "eventCount");
    }

    /* THE PAST */

    function invariant_pastIsTheReplay() public view {
        for (uint256 i; i < 3; ++i) {
            uint256 time = _someTime(i);
            if (time >= vm.getBlockTimestamp()) continue;
            vm.assertEq(lens.membersAt(time), replay.membersAt(time), "membersAt");
            vm.assertEq(ledger.votersAt(time), replay.votersAt(time), "votersAt");
            for (uint256 a = 1; a <= ACTORS; ++a) {
                uint32 number = replay.memberAt(vm.addr(a), time);
                vm.assertEq(lens.memberAt(vm.addr(a), time), number, "memberAt");
                vm.assertTrue(lens.wasMember(vm.addr(a), time) == (number != 0), "wasMember");
            }
            for (uint32 n = 1; n <= replay.records(); ++n) {
                Standing expected = replay.standingAt(n, time, true);
                vm.assertEq(uint256(ledger.standingAt(n, time)), uint256(expected), "standingAt");
            }
        }
    }

    function invariant_oneVoteAnOrigin() public view {
        for (uint256 i; i < 3; ++i) {
            uint256 time = _someTime(i);
            if (time >= vm.getBlockTimestamp()) continue;
            uint256 votes;
            uint256 seen;
            for (uint256 a = 1; a <= ACTORS; ++a) {
                uint32 origin = lens.votingRecord(vm.addr(a), time);
                if (origin == 0) continue;
                vm.assertTrue(seen & (1 << origin) == 0, "an origin votes twice");
                seen |= 1 << origin;
                ++votes;
            }
            vm.assertLe(votes, replay.votersAt(time), "more votes than voters");
            _checkVoters(time, seen);
        }
    }

    /// @dev Who was full then and still holds the membership votes for it, nobody else does.
    function _checkVoters(uint256 time, uint256 seen) private view {
        for (uint32 n = 1; n <= replay.records(); ++n) {
            if (replay.standingAt(n, time, true) != Standing.Full) continue;
            uint32 origin = replay.entry(n).origin;
            Replay.Entry memory last = replay.entry(replay.tail(n));
            if (last.cause == Cause.Annulled) {
                vm.assertTrue(seen & (1 << origin) == 0, "an annulled entry votes");
            } else {
                // Somebody who has left and joined again keeps the vote, and has no second one.
                uint32 voted = lens.votingRecord(last.account, time);
                vm.assertTrue(voted != 0, "the holder votes");
                bool newest = replay.latest(last.account) == replay.tail(n);
                if (newest) vm.assertEq(voted, origin, "the holder votes for the newest");
            }
            seen &= ~(uint256(1) << origin);
        }
        vm.assertEq(seen, 0, "a vote without a voter");
    }

    /* TICKETS */

    function invariant_noScandal() public view {
        string memory scandal = world.scandal();
        vm.assertTrue(bytes(scandal).length == 0, scandal);
    }

    function invariant_ownersChangeByTheRulesAlone() public view {
        vm.assertEq(ledger.ticketCount(), world.tickets(), "ticketCount");
        for (uint256 id = 1; id <= world.tickets(); ++id) {
            vm.assertEq(ledger.ownerOf(id), world.owner(id), "owner");
            vm.assertTrue(ledger.locked(id) == world.isLocked(id), "locked");
        }
    }

    function invariant_placesAreSoldOnce() public view {
        uint256[] memory sold = new uint256[](ledger.screeningCount() + 1);
        uint256[] memory seats = new uint256[](sold.length);
        for (uint256 id = 1; id <= world.tickets(); ++id) {
            Ticket memory t = lens.ticket(id);
            if (t.isVoid) continue;
            ++sold[t.screening];
            if (t.seat == 0) continue;
            vm.assertTrue(seats[t.screening] & (1 << t.seat) == 0, "a seat with two live tickets");
            seats[t.screening] |= 1 << t.seat;
        }
        for (uint32 show = 1; show < sold.length; ++show) {
            Sale memory s = world.shopOf(show).sale(show);
            vm.assertLe(sold[show], s.capacity, "oversold");
            vm.assertEq(s.sold, sold[show], "sold is what lives");
        }
    }

    /* MONEY */

    /// @dev Nobody sends money past the tills here, so that the balance is exactly theirs.
    function invariant_moneyIsTheTills() public view {
        for (uint256 i; i < world.shopCount(); ++i) {
            IOffice shop = world.shops(i);
            uint256 due;
            for (uint256 k; k < world.showCount(); ++k) {
                uint32 show = world.shows(k);
                if (address(world.shopOf(show)) != address(shop)) continue;
                Till memory t = shop.till(show);
                (uint256 refundable, uint256 deposits, uint256 free) = shop.held(show);
                vm.assertEq(refundable + deposits + free, uint256(t.takings) + t.deposits, "held");
                vm.assertTrue(refundable == 0 || free == 0, "free while refundable");
                due += refundable + deposits + free;
            }
            vm.assertEq(world.balanceOf(shop), due, "money");
        }
    }

    function invariant_noTicketDrawsMoreThanWasPaid() public view {
        for (uint256 id = 1; id <= world.tickets(); ++id) {
            vm.assertTrue(lens.ticket(id).paidOnChain == (world.paid(id) != 0), "paid on the chain");
            vm.assertLe(world.drawn(id), world.paid(id), "drew more than was paid");
        }
    }

    /* ALL OF IT */

    /// @dev A long game in which everything happens at least once.
    function test_longGame() public {
        for (uint256 i; i < 1500; ++i) {
            world.step(i);
            if (i % 50 == 49) this.check();
        }
        string[26] memory actions = [
            "buy", "sell", "refund", "void", "cancelScreening", "postpone", "withdraw", "replace", "redeem",
            "unredeem", "transfer", "join", "enrol", "joinBySig", "leave", "close", "setStanding",
            "proposeMove", "vetoMove", "contestMove", "cancelMove", "acceptMove", "moveNow",
            "returnDeposit", "returnDepositTo", "recordDepositReturn"
        ];
        for (uint256 i; i < actions.length; ++i) {
            vm.assertTrue(world.successes(actions[i]) != 0, actions[i]);
        }
    }

    /// @dev Called from outside, so that its memory is free again afterwards.
    function check() external view {
        invariant_oneOpenRecordAnAccount();
        invariant_openIsJoinedMinusClosed();
        invariant_closedRecordsNeverChange();
        invariant_headIsTheReplayOfTheEvents();
        invariant_pastIsTheReplay();
        invariant_oneVoteAnOrigin();
        invariant_noScandal();
        invariant_ownersChangeByTheRulesAlone();
        invariant_placesAreSoldOnce();
        invariant_moneyIsTheTills();
        invariant_noTicketDrawsMoreThanWasPaid();
    }

    /// @dev When something happened, or a second before; the newest event's time among them.
    function _someTime(uint256 salt) private view returns (uint256) {
        uint256 all = replay.happenings();
        if (all == 0) return 0;
        uint256 dice = uint256(keccak256(abi.encode(salt, replay.head(), vm.getBlockTimestamp())));
        return replay.times(salt == 0 ? all - 1 : dice % all) - (dice >> 128) % 2;
    }
}
