// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatures} from "../interfaces/ISignatures.sol";
import {Cause, Consent, ITicketLedger, MoveState} from "../interfaces/ITicketLedger.sol";
import {Base} from "./support/Base.sol";
import {Silent, Wallet} from "./support/Strangers.sol";

// Each ...BySig
// ├── by somebody else, over something else, for another contract, malformed: BadSignature
// ├── after its deadline: SignatureExpired; at its deadline: good
// ├── again: refused, by the state that it names or as used
// ├── a wallet contract (ERC-1271): asked
// └── an account with code whose key signs (EIP-7702): believed
contract SignaturesTest is Base {
    uint32 private screening;
    uint256 private id;

    function setUp() public override {
        super.setUp();
        screening = _show(office);
        id = _sell(screening, ani, false);
    }

    function _give(bytes memory signature) private {
        ledger.giveBySig(id, budi, NOW, signature);
    }

    function _signed(uint256 key) private view returns (bytes memory) {
        return _sign(key, address(ledger), _giveHash(id, budi, NOW));
    }

    function _expectBad(address account) private {
        _expect(abi.encodeWithSelector(ISignatures.BadSignature.selector, account));
    }

    /* giveBySig, and what is common */

    function test_give() public {
        _give(_signed(1));
        vm.assertEq(ledger.ownerOf(id), budi);
    }

    function test_give_bySomebodyElse() public {
        bytes memory signature = _signed(2);
        _expectBad(ani);
        _give(signature);
    }

    function test_give_overSomethingElse() public {
        bytes memory signature = _sign(1, address(ledger), _giveHash(id, citra, NOW));
        _expectBad(ani);
        _give(signature);
    }

    function test_give_forAnotherContract() public {
        bytes memory signature = _sign(1, address(office), _giveHash(id, budi, NOW));
        _expectBad(ani);
        _give(signature);
    }

    function testFuzz_give_malformed(bytes memory signature) public {
        _expectBad(ani);
        _give(signature);
    }

    function test_give_cutShort() public {
        bytes memory signature = _signed(1);
        assembly {
            mstore(signature, 63)
        }
        _expectBad(ani);
        _give(signature);
    }

    function test_give_expired() public {
        bytes memory signature = _signed(1);
        vm.warp(NOW + 1);
        _expect(abi.encodeWithSelector(ISignatures.SignatureExpired.selector, NOW));
        _give(signature);
    }

    function test_give_backAndForth() public {
        bytes memory signature = _signed(1);
        _give(signature);
        vm.prank(budi);
        ledger.give(id, ani);
        bytes32 digest = _digest(address(ledger), _giveHash(id, budi, NOW));
        bytes memory used = abi.encodeWithSelector(ISignatures.SignatureUsed.selector, digest);
        _expect(used);
        _give(signature);
        // The same signature in its other forms: s mirrored, and compact (ERC-2098).
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(1, digest);
        uint256 n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        _expect(used);
        _give(abi.encodePacked(r, n - uint256(s), v == 27 ? uint8(28) : uint8(27)));
        _expect(used);
        _give(abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255)));
        vm.assertEq(ledger.ownerOf(id), ani);
    }

    function test_give_walletContract() public {
        Wallet wallet = new Wallet();
        vm.prank(ani);
        ledger.give(id, address(wallet));
        _expectBad(address(wallet));
        _give("");
        wallet.approveHash(_digest(address(ledger), _giveHash(id, budi, NOW)));
        _give("");
        vm.assertEq(ledger.ownerOf(id), budi);
    }

    function test_give_accountWithCodeWhoseKeySigns() public {
        bytes memory signature = _signed(1);
        bytes memory other = _signed(2);
        vm.etch(ani, type(Silent).runtimeCode);
        _expectBad(ani);
        _give(other);
        _give(signature);
        vm.assertEq(ledger.ownerOf(id), budi);
    }

    /* joinBySig */

    function _join(uint32 previous, uint40 consentedAt) private returns (uint32) {
        bytes32 hash = _joinHash(ani, id, 1, previous, consentedAt, NOW + 1 days);
        return ledger.joinBySig(
            ani, id, 1, consentedAt, NOW + 1 days, _sign(1, address(ledger), hash)
        );
    }

    function test_join() public {
        vm.assertEq(_join(0, NOW - 1 hours), 1);
        vm.assertEq(uint256(lens.member(1).consent), uint256(Consent.Signed));
    }

    function test_join_againAfterAnnulment() public {
        _join(0, NOW);
        vm.prank(CLOSING);
        ledger.close(1, Cause.Annulled, PAPER);
        _expectBad(ani);
        _join(0, NOW);
        vm.assertEq(_join(1, NOW), 2);
    }

    function test_join_consentInTheFuture() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadConsentTime.selector, NOW + 1, NOW));
        _join(0, NOW + 1);
    }

    function test_join_withSomebodyElsesTicket() public {
        vm.prank(ani);
        ledger.give(id, budi);
        _expect(abi.encodeWithSelector(ITicketLedger.NotTheHolder.selector, id, budi, ani));
        _join(0, NOW);
    }

    function test_join_bylawsNotInForce() public {
        vm.prank(BOARD);
        ledger.setBylaws(keccak256("second"));
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 1, 2));
        _join(0, NOW);
    }

    function test_join_bySomebodyElse() public {
        bytes32 hash = _joinHash(ani, id, 1, 0, NOW, NOW);
        bytes memory signature = _sign(2, address(ledger), hash);
        _expectBad(ani);
        ledger.joinBySig(ani, id, 1, NOW, NOW, signature);
    }

    /* leaveBySig */

    function test_leave_onceARecord() public {
        _join(0, NOW);
        bytes memory signature = _sign(1, address(ledger), _leaveHash(1, NOW));
        ledger.leaveBySig(1, NOW, signature);
        _expect(abi.encodeWithSelector(ITicketLedger.MembershipClosed.selector, 1, Cause.Left));
        ledger.leaveBySig(1, NOW, signature);
        id = _sell(screening, ani, true);
        _expectBad(ani);
        ledger.leaveBySig(2, NOW, signature);
    }

    /* moves */

    function _propose() private {
        vm.prank(RECOVERY);
        ledger.proposeMove(1, budi);
    }

    function test_veto_ofALaterProposal() public {
        _join(0, NOW);
        _propose();
        uint40 readyAt = ledger.moveOf(1).readyAt;
        bytes memory signature = _sign(1, address(ledger), _vetoHash(1, budi, readyAt, NOW + 1 days));
        ledger.vetoMoveBySig(1, NOW + 1 days, signature);
        vm.assertEq(uint256(ledger.moveOf(1).state), uint256(MoveState.Vetoed));
        vm.prank(GUARDIAN);
        ledger.cancelMove(1);
        vm.warp(NOW + 1);
        _propose();
        _expectBad(ani);
        ledger.vetoMoveBySig(1, NOW + 1 days, signature);
    }

    function test_accept() public {
        _join(0, NOW);
        uint256 other = _sell(screening, ani, false);
        _propose();
        vm.warp(NOW + 7 days);
        bytes32 hash = _acceptHash(1, NOW + 7 days, _ids(other), NOW + 8 days);
        bytes memory signature = _sign(2, address(ledger), hash);
        _expectBad(budi);
        ledger.acceptMoveBySig(1, new uint256[](0), NOW + 8 days, signature);
        ledger.acceptMoveBySig(1, _ids(other), NOW + 8 days, signature);
        vm.assertEq(ledger.memberOf(budi), 2);
        _expectBad(address(0));
        ledger.acceptMoveBySig(1, _ids(other), NOW + 8 days, signature);
    }

    function test_accept_neverEarly() public {
        _join(0, NOW);
        _propose();
        bytes32 hash = _acceptHash(1, NOW + 7 days, _ids(id), NOW + 8 days);
        bytes memory signature = _sign(2, address(ledger), hash);
        vm.warp(NOW + 7 days - 1);
        _expect(abi.encodeWithSelector(ITicketLedger.MoveNotReady.selector, 1, NOW + 7 days));
        ledger.acceptMoveBySig(1, _ids(id), NOW + 8 days, signature);
    }

    function test_moveNow_needsBothKeys() public {
        _join(0, NOW);
        bytes32 hash = _nowHash(1, budi, new uint256[](0), NOW);
        bytes memory a = _sign(1, address(ledger), hash);
        bytes memory b = _sign(2, address(ledger), hash);
        vm.startPrank(REGISTRAR);
        _expectBad(ani);
        ledger.moveNow(1, budi, new uint256[](0), NOW, b, b);
        _expectBad(budi);
        ledger.moveNow(1, budi, new uint256[](0), NOW, a, a);
        _expectBad(ani);
        ledger.moveNow(1, citra, new uint256[](0), NOW, a, b);
        vm.assertEq(ledger.moveNow(1, budi, new uint256[](0), NOW, a, b), 2);
        _expect(abi.encodeWithSelector(ITicketLedger.MembershipClosed.selector, 1, Cause.Moved));
        ledger.moveNow(1, budi, new uint256[](0), NOW, a, b);
        vm.stopPrank();
    }

    function test_moveNow_targets() public {
        _join(0, NOW);
        bytes32 hash = _nowHash(1, ani, new uint256[](0), NOW);
        bytes memory a = _sign(1, address(ledger), hash);
        _expect(abi.encodeWithSelector(ITicketLedger.BadMoveTarget.selector, ani));
        vm.prank(REGISTRAR);
        ledger.moveNow(1, ani, new uint256[](0), NOW, a, a);
    }

    /* refundBySig */

    function test_refund() public {
        uint256 paid = _buy(screening, ani, false);
        bytes memory signature = _sign(1, address(office), _refundHash(_ids(paid), NOW));
        bytes memory others = _sign(2, address(office), _refundHash(_ids(paid), NOW));
        _expectBad(ani);
        office.refundBySig(ani, _ids(paid), NOW, others);
        office.refundBySig(ani, _ids(paid), NOW, signature);
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
    }
}
