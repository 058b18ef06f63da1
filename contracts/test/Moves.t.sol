// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBoxOffice} from "../interfaces/IBoxOffice.sol";
import {Cause, ITicketLedger, MoveKind, MoveState, Standing, Terms} from "../interfaces/ITicketLedger.sol";
import {Base} from "./support/Base.sol";
import {ILedger} from "./support/Faces.sol";

// proposeMove
// ├── a move is open, record closed or unknown, target zero, the same, or a member
// └── proposed ── vetoMove (old key alone) ── vetoed ── contestMove (only then) ── contested
//     └── acceptMove
//         ├── not the target, too early, vetoed, target became a member
//         ├── a ticket that stays, or of somebody else: skipped
//         └── moves record, card, standing and tickets
// contested: no veto; the old key cannot leave, give, transfer, get refunds or agree
// cancelMove: in every state but none
contract MovesTest is Base {
    uint32 private screening;
    uint256 private card;
    uint256 private seat;

    function setUp() public override {
        super.setUp();
        screening = _show(office);
        card = _sell(screening, ani, true);
        seat = _sell(screening, ani, false);
    }

    function _propose(address to) private {
        vm.prank(RECOVERY);
        ledger.proposeMove(1, to);
    }

    function _veto() private {
        vm.prank(ani);
        ledger.vetoMove(1);
    }

    function _contest(address to) private {
        _propose(to);
        _veto();
        vm.prank(BOARD);
        ledger.contestMove(1, to);
    }

    function _accept(address by, uint256[] memory ids) private returns (uint32) {
        vm.prank(by);
        return ledger.acceptMove(1, ids);
    }

    function _expectState(MoveState state) private {
        _expect(abi.encodeWithSelector(ITicketLedger.WrongMoveState.selector, 1, state));
    }

    function test_delayedMove() public {
        vm.prank(REGISTRAR);
        ledger.setStanding(1, Standing.Full, PAPER);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.MoveProposed(1, budi, NOW + 7 days);
        _propose(budi);
        vm.warp(NOW + 7 days);
        uint256 argument = 1 | (uint256(MoveKind.Delayed) << 32);
        bytes32 head =
            keccak256(abi.encode(ledger.registerHead(), 4, 2, budi, card, argument, NOW + 7 days));
        vm.expectEmit(address(ledger));
        emit ITicketLedger.Moved(2, budi, 1, card, MoveKind.Delayed, NOW + 7 days, head);
        vm.assertEq(_accept(budi, _ids(seat)), 2);
        vm.assertEq(ledger.registerHead(), head);

        vm.assertEq(uint256(lens.member(1).cause), uint256(Cause.Moved));
        vm.assertEq(uint256(lens.member(2).standing), uint256(Standing.Full));
        vm.assertEq(uint256(lens.member(2).consent), uint256(lens.member(1).consent));
        vm.assertEq(ledger.linkOf(2).movedFrom, 1);
        vm.assertEq(ledger.linkOf(2).origin, 1);
        vm.assertEq(ledger.ownerOf(card), budi);
        vm.assertEq(ledger.ownerOf(seat), budi);
        vm.assertEq(ledger.ticketOf(budi), card);
        vm.assertEq(_ticket(card).member, 2);
        vm.assertEq(ledger.memberOf(ani), 0);
        vm.assertEq(ledger.activeCount(), 1);
        vm.assertEq(ledger.moveOf(1).to, address(0));
        vm.warp(NOW + 8 days);
        vm.assertEq(ledger.votersAt(NOW + 7 days), 1);
        vm.assertEq(lens.votingRecord(budi, NOW), 1);
        vm.assertEq(lens.votingRecord(ani, NOW), 0);
    }

    /* proposeMove */

    function test_propose_whileOneIsOpen() public {
        _propose(budi);
        _expectState(MoveState.Proposed);
        _propose(citra);
        _veto();
        _expectState(MoveState.Vetoed);
        _propose(citra);
    }

    function test_propose_targets() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadMoveTarget.selector, address(0)));
        _propose(address(0));
        _expect(abi.encodeWithSelector(ITicketLedger.BadMoveTarget.selector, ani));
        _propose(ani);
        _sell(screening, citra, true);
        _expect(abi.encodeWithSelector(ITicketLedger.AlreadyMember.selector, citra, 2));
        _propose(citra);
    }

    function test_propose_closedOrUnknown() public {
        vm.prank(ani);
        ledger.leave();
        _expect(abi.encodeWithSelector(ITicketLedger.MembershipClosed.selector, 1, Cause.Left));
        _propose(budi);
        _expect(abi.encodeWithSelector(ITicketLedger.UnknownMember.selector, 7));
        vm.prank(RECOVERY);
        ledger.proposeMove(7, budi);
    }

    /* vetoMove, contestMove, cancelMove */

    function test_veto_oldKeyAlone() public {
        _propose(budi);
        _expect(abi.encodeWithSelector(ITicketLedger.NotTheOldKey.selector, 1, ani, budi));
        vm.prank(budi);
        ledger.vetoMove(1);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.MoveVetoed(1);
        _veto();
        _expectState(MoveState.Vetoed);
        _veto();
        vm.warp(NOW + 365 days);
        _expectState(MoveState.Vetoed);
        _accept(budi, _ids(seat));
    }

    function test_veto_withoutAProposal() public {
        _expectState(MoveState.None);
        _veto();
    }

    function test_contest_onlyAfterAVeto() public {
        vm.startPrank(BOARD);
        _expectState(MoveState.None);
        ledger.contestMove(1, budi);
        vm.stopPrank();
        _propose(budi);
        _expectState(MoveState.Proposed);
        vm.prank(BOARD);
        ledger.contestMove(1, budi);
    }

    function test_contested_waitsThirtyDaysWithoutVeto() public {
        _propose(citra);
        _veto();
        vm.expectEmit(address(ledger));
        emit ITicketLedger.MoveContested(1, budi, NOW + 30 days);
        vm.prank(BOARD);
        ledger.contestMove(1, budi);
        _expectState(MoveState.Contested);
        _veto();
        vm.warp(NOW + 30 days - 1);
        _expect(abi.encodeWithSelector(ITicketLedger.MoveNotReady.selector, 1, NOW + 30 days));
        _accept(budi, new uint256[](0));
        vm.warp(NOW + 30 days);
        _accept(budi, _ids(seat));
        vm.assertEq(ledger.ownerOf(seat), budi);
    }

    function test_contested_freezesTheOldKey() public {
        uint256 paid = _buy(screening, ani, false);
        _contest(budi);
        vm.assertTrue(ledger.isFrozen(ani), "frozen");
        bytes memory frozen = abi.encodeWithSelector(ITicketLedger.AccountFrozen.selector, ani);
        vm.startPrank(ani);
        _expect(frozen);
        ledger.leave();
        _expect(frozen);
        ledger.give(seat, citra);
        _expect(frozen);
        ledger.transferFrom(ani, citra, seat);
        vm.stopPrank();
        bytes memory refused = abi.encodeWithSelector(IBoxOffice.AccountFrozen.selector, ani);
        _expect(refused);
        vm.prank(ani);
        office.refund(_ids(paid));
        vm.prank(BOARD);
        office.cancelScreening(screening);
        _expect(refused);
        office.refund(_ids(paid));
        bytes32 hash = _nowHash(1, citra, _ids(seat), NOW);
        (bytes memory a, bytes memory b) =
            (_sign(1, address(ledger), hash), _sign(3, address(ledger), hash));
        _expectState(MoveState.Contested);
        vm.prank(REGISTRAR);
        ledger.moveNow(1, citra, _ids(seat), NOW, a, b);
        vm.prank(GUARDIAN);
        ledger.cancelMove(1);
        vm.assertTrue(!ledger.isFrozen(ani), "free again");
        vm.prank(ani);
        ledger.give(seat, citra);
    }

    function test_cancel() public {
        vm.startPrank(GUARDIAN);
        _expectState(MoveState.None);
        ledger.cancelMove(1);
        vm.stopPrank();
        _propose(budi);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.MoveCancelled(1);
        vm.prank(GUARDIAN);
        ledger.cancelMove(1);
        vm.warp(NOW + 7 days);
        _expect(abi.encodeWithSelector(ITicketLedger.NotTheMoveTarget.selector, 1, address(0), budi));
        _accept(budi, _ids(seat));
        // Proposed again, it waits again.
        _propose(budi);
        _expect(abi.encodeWithSelector(ITicketLedger.MoveNotReady.selector, 1, NOW + 14 days));
        _accept(budi, _ids(seat));
    }

    function test_aClosedRecordDropsItsMove() public {
        _propose(budi);
        vm.prank(CLOSING);
        ledger.close(1, Cause.Deceased, PAPER);
        vm.warp(NOW + 7 days);
        _expect(abi.encodeWithSelector(ITicketLedger.NotTheMoveTarget.selector, 1, address(0), budi));
        _accept(budi, _ids(seat));
    }

    /* acceptMove */

    function testFuzz_accept_neverBeforeItsDelay(uint256 wait) public {
        wait = wait % 7 days;
        _propose(budi);
        vm.warp(NOW + wait);
        _expect(abi.encodeWithSelector(ITicketLedger.MoveNotReady.selector, 1, NOW + 7 days));
        _accept(budi, new uint256[](0));
    }

    function test_accept_notTheTarget() public {
        _propose(budi);
        vm.warp(NOW + 7 days);
        _expect(abi.encodeWithSelector(ITicketLedger.NotTheMoveTarget.selector, 1, budi, citra));
        _accept(citra, _ids(seat));
    }

    function test_accept_targetBecameAMember() public {
        _propose(budi);
        _sell(screening, budi, true);
        vm.warp(NOW + 7 days);
        _expect(abi.encodeWithSelector(ITicketLedger.AlreadyMember.selector, budi, 2));
        _accept(budi, _ids(seat));
    }

    function test_accept_ticketsThatStay() public {
        uint256 gone = _sell(screening, ani, false);
        uint256 used = _sell(screening, ani, false);
        uint256 others = _sell(screening, citra, false);
        vm.prank(CLERK);
        office.void(screening, _ids(gone), PAPER);
        _propose(budi);
        vm.warp(STARTS);
        vm.prank(GATE);
        ledger.redeem(screening, _ids(used));
        uint256[] memory named = new uint256[](6);
        (named[0], named[1], named[2]) = (gone, used, others);
        // A ticket that does not exist, the card itself, and one that does come along.
        (named[3], named[4], named[5]) = (999, card, seat);
        _accept(budi, named);
        vm.assertEq(ledger.ownerOf(gone), ani);
        vm.assertEq(ledger.ownerOf(used), ani);
        vm.assertEq(ledger.ownerOf(others), citra);
        vm.assertEq(ledger.ownerOf(card), budi);
        vm.assertEq(ledger.ownerOf(seat), budi);
    }

    function test_accept_anEarlierCardStays() public {
        vm.prank(ani);
        ledger.leave();
        uint256 newer = _sell(screening, ani, true);
        vm.prank(RECOVERY);
        ledger.proposeMove(2, budi);
        vm.warp(NOW + 7 days);
        vm.prank(budi);
        ledger.acceptMove(2, _ids(card));
        vm.assertEq(ledger.ownerOf(newer), budi);
        vm.assertEq(ledger.ownerOf(card), ani);
    }

    function test_accept_cannotBeSpoiledByTheOldKey() public {
        _propose(budi);
        vm.warp(NOW + 7 days);
        vm.prank(ani);
        ledger.give(seat, citra);
        _accept(budi, _ids(seat));
        vm.assertEq(ledger.memberOf(budi), 2);
        vm.assertEq(ledger.ownerOf(seat), citra);
    }

    function test_votingRecord_staysWithWhoeverLeavesAndRejoinsAfterAMove() public {
        vm.prank(REGISTRAR);
        ledger.setStanding(1, Standing.Full, PAPER);
        vm.warp(NOW + 1);
        _propose(budi);
        vm.warp(NOW + 8 days);
        _accept(budi, new uint256[](0));
        vm.prank(budi);
        ledger.leave();
        vm.assertEq(lens.votingRecord(budi, NOW), 1);
        _sell(screening, budi, true);
        vm.assertEq(lens.votingRecord(budi, NOW), 1);
        vm.assertEq(lens.votingRecord(ani, NOW), 0);
    }

    function test_accept_aNonTransferableTicketComesAlong() public {
        // It was sold to the person, and the person has a new key.
        vm.prank(address(office));
        uint32 show = ledger.openScreening(STARTS, ENDS);
        Terms memory terms;
        terms.nonTransferable = true;
        vm.prank(address(office));
        uint256 bound = ledger.issue(show, _lines(_line(ani, 0, false)), terms);
        _propose(budi);
        vm.warp(NOW + 7 days);
        _accept(budi, _ids(bound));
        vm.assertEq(ledger.ownerOf(bound), budi);
        _expect(abi.encodeWithSelector(ITicketLedger.TicketLocked.selector, bound));
        vm.prank(budi);
        ledger.give(bound, citra);
    }

    function test_accept_clearsOldApprovals() public {
        vm.startPrank(ani);
        ledger.approve(citra, seat);
        ledger.setApprovalForAll(citra, true);
        vm.stopPrank();
        _propose(budi);
        vm.warp(NOW + 7 days);
        _accept(budi, _ids(seat));
        _expect(ILedger.NotOwnerNorApproved.selector);
        vm.prank(citra);
        ledger.transferFrom(budi, citra, seat);
    }

    function test_accept_backAndForthKeepsTheVote() public {
        vm.prank(REGISTRAR);
        ledger.setStanding(1, Standing.Full, PAPER);
        _propose(budi);
        vm.warp(NOW + 7 days);
        _accept(budi, _ids(seat));
        vm.prank(RECOVERY);
        ledger.proposeMove(2, ani);
        vm.warp(NOW + 14 days);
        vm.prank(ani);
        vm.assertEq(ledger.acceptMove(2, _ids(seat)), 3);
        vm.assertEq(ledger.linkOf(3).previous, 1);
        vm.assertEq(ledger.linkOf(3).movedFrom, 2);
        vm.assertEq(ledger.linkOf(3).origin, 1);
        vm.warp(NOW + 15 days);
        for (uint40 time = NOW; time < NOW + 15 days; time += 1 days) {
            vm.assertEq(lens.votingRecord(ani, time), 1);
            vm.assertEq(lens.votingRecord(budi, time), 0);
            vm.assertEq(lens.membersAt(time), 1);
        }
    }
}
