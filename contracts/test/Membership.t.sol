// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "../access/Roles.sol";
import {Cause, Consent, ITicketLedger, Record, Standing, Terms} from "../interfaces/ITicketLedger.sol";
import {IERC5192} from "../interfaces/IERC5192.sol";
import {ITicketLens} from "../interfaces/ITicketLens.sol";
import {Base} from "./support/Base.sol";
import {ILedger} from "./support/Faces.sol";

// issue
// ├── not the issuer, unknown screening
// ├── a line with unused bits, or a join flag above one: BadLine
// ├── terms: Signed, Attested without paper, by-laws unknown or (Purchased) not in force
// ├── joins without consent, at a time that is zero or in the future
// └── the account is a member: Attested leaves the ticket unbound, Purchased reverts
// join, enrol
// ├── not the holder, void ticket, ticket bound, account a member
// ├── by-laws: join takes those in force alone, enrol any recorded
// └── binds and locks the ticket
// leave, close, setStanding
// ├── no open record, unknown number, wrong cause or standing
// └── annulled: the ticket is unbound
contract MembershipTest is Base {
    uint32 private screening;
    uint256 private id;

    function setUp() public override {
        super.setUp();
        manager.grantRole(Roles.MINTER, address(this), 0);
        screening = ledger.openScreening(STARTS, ENDS);
        Terms memory none;
        id = ledger.issue(screening, _lines(_line(ani, 0, false)), none);
    }

    function _issue(address holder, Consent consent) private returns (uint256) {
        bool joins = consent != Consent.None;
        return ledger.issue(screening, _lines(_line(holder, 0, joins)), _terms(consent, joins ? 1 : 0));
    }

    function _join(address holder) private returns (uint32) {
        _issue(holder, Consent.Attested);
        return ledger.memberOf(holder);
    }

    /* issue */

    function test_issue_joins() public {
        vm.warp(NOW + 9);
        uint256 line = uint256(uint160(budi)) | (uint256(1) << 184) | (uint256(NOW) << 192);
        bytes32 head = ledger.registerHead();
        uint256 argument = uint256(Consent.Attested) | (1 << 8) | (uint256(NOW) << 40)
            | (uint256(uint128(PAPER)) << 128);
        head = keccak256(abi.encode(head, 1, 1, budi, 2, argument, NOW + 9));
        vm.expectEmit(address(ledger));
        emit ITicketLedger.Joined(1, budi, 2, Consent.Attested, 1, NOW, 0, PAPER, NOW + 9, head);
        vm.expectEmit(address(ledger));
        emit IERC5192.Locked(2);
        ledger.issue(screening, _lines(line), _terms(Consent.Attested, 1));
        vm.assertEq(ledger.registerHead(), head);
        vm.assertEq(ledger.ticketOf(budi), 2);
        Record memory r = Record(budi, NOW + 9, 0, Standing.Associate, Consent.Attested, Cause.None);
        vm.assertEq(abi.encode(lens.member(1)), abi.encode(r));
        vm.assertEq(abi.encode(lens.members(1, 9)[0]), abi.encode(r));
    }

    function test_issue_theSameAccountTwiceInABatch() public {
        uint256[] memory lines = new uint256[](2);
        lines[0] = lines[1] = _line(budi, 0, true);
        ledger.issue(screening, lines, _terms(Consent.Attested, 1));
        vm.assertEq(ledger.memberCount(), 1);
        vm.assertEq(_ticket(2).member, 1);
        vm.assertEq(_ticket(3).member, 0);
    }

    function test_issue_unknownScreening() public {
        _expect(abi.encodeWithSelector(ITicketLedger.UnknownScreening.selector, 9));
        ledger.issue(9, _lines(_line(ani, 0, false)), _terms(Consent.None, 0));
    }

    function test_issue_notTheIssuer() public {
        manager.grantRole(Roles.MINTER, ani, 0);
        bytes4 selector = ITicketLedger.NotTheIssuer.selector;
        _expect(abi.encodeWithSelector(selector, screening, address(this), ani));
        vm.prank(ani);
        ledger.issue(screening, _lines(_line(ani, 0, false)), _terms(Consent.None, 0));
    }

    function test_issue_badLine() public {
        uint256[] memory lines = new uint256[](2);
        lines[0] = _line(ani, 0, false);
        lines[1] = lines[0] | (1 << 232);
        _expect(abi.encodeWithSelector(ITicketLedger.BadLine.selector, 1, lines[1]));
        ledger.issue(screening, lines, _terms(Consent.None, 0));
        lines[1] = lines[0] | (2 << 184);
        _expect(abi.encodeWithSelector(ITicketLedger.BadLine.selector, 1, lines[1]));
        ledger.issue(screening, lines, _terms(Consent.None, 0));
    }

    function test_issue_consentThatOnlyTheHolderGives() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadConsent.selector, Consent.Signed));
        _issue(budi, Consent.Signed);
    }

    function test_issue_joinsWithoutConsent() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadConsent.selector, Consent.None));
        ledger.issue(screening, _lines(_line(budi, 0, true)), _terms(Consent.None, 0));
    }

    function test_issue_attestedWithoutPaper() public {
        Terms memory terms = Terms(Consent.Attested, 1, 0, false, false);
        _expect(ITicketLedger.AttestationMissing.selector);
        ledger.issue(screening, _lines(_line(budi, 0, true)), terms);
    }

    function test_issue_bylaws() public {
        uint256[] memory lines = _lines(_line(budi, 0, true));
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 0, 1));
        ledger.issue(screening, lines, _terms(Consent.Attested, 0));
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 2, 1));
        ledger.issue(screening, lines, _terms(Consent.Attested, 2));
        vm.prank(BOARD);
        ledger.setBylaws(keccak256("second"));
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 1, 2));
        ledger.issue(screening, lines, _terms(Consent.Purchased, 1));
        ledger.issue(screening, lines, _terms(Consent.Attested, 1));
    }

    function test_issue_consentTime() public {
        uint256 line = uint256(uint160(budi)) | (uint256(1) << 184);
        _expect(abi.encodeWithSelector(ITicketLedger.BadConsentTime.selector, 0, NOW));
        ledger.issue(screening, _lines(line), _terms(Consent.Attested, 1));
        line |= uint256(NOW + 1) << 192;
        _expect(abi.encodeWithSelector(ITicketLedger.BadConsentTime.selector, NOW + 1, NOW));
        ledger.issue(screening, _lines(line), _terms(Consent.Attested, 1));
    }

    function test_issue_toAMember() public {
        _join(budi);
        uint256 second = _issue(budi, Consent.Attested);
        vm.assertEq(_ticket(second).member, 0);
        vm.assertEq(ledger.locked(second), false);
        _expect(abi.encodeWithSelector(ITicketLedger.AlreadyMember.selector, budi, 1));
        _issue(budi, Consent.Purchased);
    }

    function test_issue_toNobody() public {
        _expect(ILedger.TransferToZeroAddress.selector);
        ledger.issue(screening, _lines(_line(address(0), 0, false)), _terms(Consent.None, 0));
    }

    /* join, enrol */

    function test_join() public {
        vm.expectEmit(address(ledger));
        emit IERC5192.Locked(id);
        vm.prank(ani);
        vm.assertEq(ledger.join(id, 1), 1);
        vm.assertEq(_ticket(id).member, 1);
        vm.assertEq(ledger.ticketOf(ani), id);
        vm.assertEq(uint256(lens.member(1).consent), uint256(Consent.Signed));
        _expect(abi.encodeWithSelector(ITicketLedger.TicketLocked.selector, id));
        vm.prank(ani);
        ledger.give(id, budi);
    }

    function test_join_notTheHolder() public {
        _expect(abi.encodeWithSelector(ITicketLedger.NotTheHolder.selector, id, ani, budi));
        vm.prank(budi);
        ledger.join(id, 1);
    }

    function test_join_bylawsNotInForce() public {
        vm.prank(BOARD);
        ledger.setBylaws(keccak256("second"));
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 1, 2));
        vm.prank(ani);
        ledger.join(id, 1);
    }

    function test_join_aMember() public {
        _join(ani);
        _expect(abi.encodeWithSelector(ITicketLedger.AlreadyMember.selector, ani, 1));
        vm.prank(ani);
        ledger.join(id, 1);
    }

    function test_join_voidTicket() public {
        ledger.void(screening, _ids(id));
        _expect(abi.encodeWithSelector(ITicketLedger.TicketIsVoid.selector, id));
        vm.prank(ani);
        ledger.join(id, 1);
    }

    function test_join_withTheCardOfAClosedRecord() public {
        vm.startPrank(ani);
        ledger.join(id, 1);
        ledger.leave();
        _expect(abi.encodeWithSelector(ITicketLedger.TicketBound.selector, id, 1));
        ledger.join(id, 1);
        vm.stopPrank();
    }

    function test_join_afterAttending() public {
        vm.warp(STARTS);
        vm.prank(GATE);
        ledger.redeem(screening, _ids(id));
        vm.prank(ani);
        vm.assertEq(ledger.join(id, 1), 1);
    }

    function test_enrol_takesAnyRecordedBylaws() public {
        vm.prank(BOARD);
        ledger.setBylaws(keccak256("second"));
        vm.prank(REGISTRAR);
        vm.assertEq(ledger.enrol(id, 1, NOW - 1 days, PAPER), 1);
        vm.assertEq(uint256(lens.member(1).consent), uint256(Consent.Attested));
    }

    function test_enrol_refusals() public {
        vm.startPrank(REGISTRAR);
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 2, 1));
        ledger.enrol(id, 2, NOW, PAPER);
        _expect(ITicketLedger.AttestationMissing.selector);
        ledger.enrol(id, 1, NOW, 0);
        _expect(abi.encodeWithSelector(ITicketLedger.BadConsentTime.selector, NOW + 1, NOW));
        ledger.enrol(id, 1, NOW + 1, PAPER);
        _expect(ILedger.TokenDoesNotExist.selector);
        ledger.enrol(99, 1, NOW, PAPER);
        vm.stopPrank();
    }

    /* leave, close */

    function test_leave_andRejoin() public {
        _join(ani);
        vm.warp(NOW + 5);
        vm.startPrank(ani);
        ledger.leave();
        vm.assertEq(ledger.memberOf(ani), 0);
        vm.assertEq(ledger.ticketOf(ani), 0);
        vm.assertEq(ledger.latestMemberOf(ani), 1);
        vm.assertEq(ledger.exitAt(0), NOW + 5);
        vm.assertEq(ledger.join(id, 1), 2);
        vm.stopPrank();
        vm.assertEq(ledger.linkOf(2).previous, 1);
        vm.assertEq(ledger.linkOf(2).origin, 2);
        vm.assertEq(ledger.activeCount(), 1);
        vm.assertEq(ledger.memberCount(), 2);
    }

    function test_leave_notAMember() public {
        _expect(abi.encodeWithSelector(ITicketLedger.NotAMember.selector, ani));
        vm.prank(ani);
        ledger.leave();
    }

    function testFuzz_close_causes(uint8 cause) public {
        cause = cause % 6;
        _join(ani);
        vm.prank(CLOSING);
        if (cause < 2 || cause == 4) {
            _expect(abi.encodeWithSelector(ITicketLedger.BadCause.selector, cause));
            ledger.close(1, Cause(cause), PAPER);
        } else {
            ledger.close(1, Cause(cause), PAPER);
            vm.assertEq(uint256(lens.member(1).cause), cause);
            vm.assertEq(_ticket(2).member, cause == uint8(Cause.Annulled) ? 0 : 1);
            vm.assertEq(ledger.locked(2), cause != uint8(Cause.Annulled));
        }
    }

    function test_close_neverHitsALaterRecord() public {
        _join(ani);
        vm.startPrank(ani);
        ledger.leave();
        ledger.join(id, 1);
        vm.stopPrank();
        _expect(abi.encodeWithSelector(ITicketLedger.MembershipClosed.selector, 1, Cause.Left));
        vm.prank(CLOSING);
        ledger.close(1, Cause.Expelled, PAPER);
    }

    function test_close_unknown() public {
        _expect(abi.encodeWithSelector(ITicketLedger.UnknownMember.selector, 1));
        vm.prank(CLOSING);
        ledger.close(1, Cause.Expelled, PAPER);
    }

    function test_close_annulledTicketFoundsAnother() public {
        vm.prank(ani);
        ledger.join(id, 1);
        vm.expectEmit(address(ledger));
        emit IERC5192.Unlocked(id);
        vm.prank(CLOSING);
        ledger.close(1, Cause.Annulled, PAPER);
        vm.prank(ani);
        ledger.give(id, budi);
        vm.prank(budi);
        vm.assertEq(ledger.join(id, 1), 2);
    }

    function test_close_annulledForgetsAnApproval() public {
        vm.prank(ani);
        ledger.approve(citra, id);
        vm.prank(ani);
        ledger.join(id, 1);
        vm.prank(CLOSING);
        ledger.close(1, Cause.Annulled, PAPER);
        vm.assertEq(ledger.getApproved(id), address(0));
    }

    /* setStanding, setBylaws */

    function test_setStanding() public {
        _join(ani);
        vm.startPrank(REGISTRAR);
        ledger.setStanding(1, Standing.Full, PAPER);
        vm.warp(NOW + 10);
        vm.assertEq(ledger.votersAt(NOW), 1);
        vm.assertEq(ledger.votersAt(NOW - 1), 0);
        _expect(abi.encodeWithSelector(ITicketLedger.StandingUnchanged.selector, 1, Standing.Full));
        ledger.setStanding(1, Standing.Full, PAPER);
        _expect(abi.encodeWithSelector(ITicketLedger.BadStanding.selector, Standing.None));
        ledger.setStanding(1, Standing.None, PAPER);
        ledger.setStanding(1, Standing.Associate, PAPER);
        vm.stopPrank();
        vm.warp(NOW + 11);
        vm.assertEq(ledger.votersAt(NOW + 10), 0);
        vm.assertEq(uint256(ledger.standingAt(1, NOW + 9)), uint256(Standing.Full));
        vm.assertEq(uint256(ledger.standingAt(1, NOW + 10)), uint256(Standing.Associate));
    }

    function test_setStanding_closed() public {
        _join(ani);
        vm.prank(ani);
        ledger.leave();
        _expect(abi.encodeWithSelector(ITicketLedger.MembershipClosed.selector, 1, Cause.Left));
        vm.prank(REGISTRAR);
        ledger.setStanding(1, Standing.Full, PAPER);
    }

    function test_setBylaws() public {
        vm.startPrank(BOARD);
        _expect(ITicketLedger.EmptyBylaws.selector);
        ledger.setBylaws(0);
        vm.assertEq(ledger.setBylaws(keccak256("second")), 2);
        vm.stopPrank();
        vm.assertEq(ledger.bylawsVersion(), 2);
        vm.assertEq(ledger.bylawsHash(1), BYLAWS);
        vm.assertEq(ledger.bylawsHash(2), keccak256("second"));
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 3, 2));
        ledger.bylawsHash(3);
    }

    /* views */

    function test_members_pages() public {
        _join(ani);
        _join(budi);
        vm.assertEq(ledger.members(1, 1).length, 1);
        vm.assertEq(ledger.members(2, 9)[0], ledger.member(2));
        vm.assertEq(ledger.members(3, 9).length, 0);
        _expect(abi.encodeWithSelector(ITicketLedger.UnknownMember.selector, 0));
        ledger.members(0, 1);
        _expect(abi.encodeWithSelector(ITicketLedger.UnknownMember.selector, 3));
        ledger.linkOf(3);
    }

    function test_questionsAboutNow() public {
        _join(ani);
        bytes memory notPast = abi.encodeWithSelector(ITicketLedger.TimeNotPast.selector, NOW, NOW);
        _expect(notPast);
        ledger.votersAt(NOW);
        _expect(notPast);
        ledger.standingAt(1, NOW);
        notPast = abi.encodeWithSelector(ITicketLens.TimeNotPast.selector, NOW, NOW);
        _expect(notPast);
        lens.memberAt(ani, NOW);
        _expect(notPast);
        lens.wasMember(ani, NOW);
        _expect(notPast);
        lens.membersAt(NOW);
        _expect(notPast);
        lens.votingRecord(ani, NOW);
    }
}
