// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Roles} from "../access/Roles.sol";
import {IBoxOffice} from "../interfaces/IBoxOffice.sol";
import {Cause, ITicketLedger} from "../interfaces/ITicketLedger.sol";
import {Base} from "./support/Base.sol";
import {ILedger, IOffice} from "./support/Faces.sol";
import {Reentrant, Stubborn} from "./support/Strangers.sol";

// refund
// ├── sold elsewhere, paid outside, void already
// ├── on: not the holder, used, after the deadline; cancelled: anybody, used ones too
// └── free ticket: whole price; card: price without deposit, which is withheld
// void: sold elsewhere, paid on chain, used, void already, named twice
// withdraw: unknown, to nobody, cancelled, early; else: takings alone
// returnDeposit, returnDepositTo, recordDepositReturn: by cause, once
contract CashierTest is Base {
    uint32 private screening;

    function setUp() public override {
        super.setUp();
        screening = _show(office);
    }

    function _refund(address by, uint256 id) private {
        vm.prank(by);
        office.refund(_ids(id));
    }

    function _close(uint32 number, Cause cause) private {
        vm.prank(CLOSING);
        ledger.close(number, cause, PAPER);
    }

    function _expectNotDue(uint256 id, Cause cause) private {
        _expect(abi.encodeWithSelector(IBoxOffice.NoDepositDue.selector, id, cause));
    }

    function _held(uint256 refundable, uint256 deposits, uint256 free) private view {
        (uint256 a, uint256 b, uint256 c) = office.held(screening);
        vm.assertEq(a, refundable);
        vm.assertEq(b, deposits);
        vm.assertEq(c, free);
    }

    /* refund */

    function test_refund_aFreeTicket() public {
        uint256 id = _buy(screening, ani, false);
        _held(PRICE - DEPOSIT, DEPOSIT, 0);
        vm.expectEmit(address(office));
        emit IBoxOffice.Refunded(screening, id, ani, PRICE);
        _refund(ani, id);
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
        vm.assertEq(office.sale(screening).sold, 0);
        vm.assertTrue(_ticket(id).isVoid, "void");
        _held(0, 0, 0);
    }

    function test_refund_aCardKeepsTheMembership() public {
        uint256 id = _buy(screening, ani, true);
        _refund(ani, id);
        vm.assertEq(rupiah.balanceOf(ani), PRICE - DEPOSIT);
        vm.assertEq(ledger.memberOf(ani), 1);
        _held(0, DEPOSIT, 0);
        _expectNotDue(id, Cause.None);
        office.returnDeposit(id);
        vm.prank(ani);
        ledger.leave();
        office.returnDeposit(id);
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
    }

    function test_refund_twice() public {
        uint256 id = _buy(screening, ani, false);
        _refund(ani, id);
        _expect(abi.encodeWithSelector(IBoxOffice.TicketIsVoid.selector, id));
        _refund(ani, id);
    }

    function test_refund_refusals() public {
        uint256 id = _buy(screening, ani, false);
        _expect(abi.encodeWithSelector(IBoxOffice.NotTheHolder.selector, id, ani, budi));
        _refund(budi, id);
        uint256 outside = _sell(screening, ani, false);
        _expect(abi.encodeWithSelector(IBoxOffice.NotPaidOnChain.selector, outside));
        _refund(ani, outside);
        uint256 foreign = _buy(coins, _show(coins), ani, false);
        _expect(abi.encodeWithSelector(IBoxOffice.NotSoldHere.selector, foreign));
        _refund(ani, foreign);
        _expect(ILedger.TokenDoesNotExist.selector);
        _refund(ani, 99);
        vm.warp(STARTS - 1 days + 1);
        _expect(abi.encodeWithSelector(IBoxOffice.TooLate.selector, screening, STARTS - 1 days));
        _refund(ani, id);
    }

    function test_refund_used() public {
        uint256 id = _buy(screening, ani, false);
        vm.prank(BOARD);
        office.postpone(screening, STARTS, ENDS, STARTS);
        vm.warp(STARTS);
        vm.prank(GATE);
        ledger.redeem(screening, _ids(id));
        _expect(abi.encodeWithSelector(IBoxOffice.TicketUsed.selector, id));
        _refund(ani, id);
        vm.prank(BOARD);
        office.cancelScreening(screening);
        _refund(budi, id);
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
    }

    function test_refund_cancelledPaysWhoeverHoldsIt() public {
        uint256 outside = _sell(screening, ani, false);
        uint256 id = _buy(screening, ani, false);
        vm.prank(ani);
        ledger.give(id, budi);
        vm.prank(BOARD);
        office.cancelScreening(screening);
        vm.warp(ENDS + 365 days);
        _refund(citra, id);
        vm.assertEq(rupiah.balanceOf(budi), PRICE);
        _expect(abi.encodeWithSelector(IBoxOffice.NotPaidOnChain.selector, outside));
        _refund(ani, outside);
    }

    function test_refund_freesTheSeat() public {
        uint256 id = _buy(screening, ani, false);
        for (uint256 i; i < 7; ++i) {
            _sell(screening, budi, false);
        }
        _refund(ani, id);
        _buy(screening, citra, false);
        vm.assertEq(office.sale(screening).sold, 8);
    }

    function test_refund_cannotBeEntered() public {
        uint32 show = _show(coins);
        _buy(coins, show, ani, false);
        Reentrant thief = new Reentrant{value: PRICE}(coins);
        uint256 id = thief.buy(_purchase(show, address(thief), 0));
        thief.refund(abi.encodeCall(IBoxOffice.refund, (_ids(id))));
        vm.assertEq(thief.answer(), abi.encodeWithSignature("ReentrancyGuardReentrantCall()"));
        vm.assertEq(address(thief).balance, PRICE);
        vm.assertEq(address(coins).balance, PRICE);
    }

    function test_refund_aHolderThatTakesNoMoney() public {
        uint32 show = _show(coins);
        Stubborn holder = new Stubborn();
        vm.deal(address(this), PRICE);
        uint256 id = holder.buy{value: PRICE}(coins, _purchase(show, address(holder), 0));
        _expect(bytes4(keccak256("FailedCall()")));
        vm.prank(address(holder));
        coins.refund(_ids(id));
        vm.assertTrue(!_ticket(id).isVoid, "nothing happened");
    }

    /* void */

    function _void(uint256[] memory ids) private {
        vm.prank(CLERK);
        office.void(screening, ids, PAPER);
    }

    function test_void() public {
        uint256 id = _sell(screening, ani, true);
        vm.expectEmit(address(office));
        emit IBoxOffice.TicketsVoided(screening, PAPER, _ids(id));
        _void(_ids(id));
        vm.assertTrue(_ticket(id).isVoid, "void");
        vm.assertEq(_ticket(id).member, 1);
        vm.assertEq(office.sale(screening).sold, 0);
    }

    function test_void_refusals() public {
        uint256 id = _sell(screening, ani, false);
        uint256 paid = _buy(screening, ani, false);
        uint256 foreign = _sell(_show(office), ani, false);
        _expect(abi.encodeWithSelector(IBoxOffice.NotSoldHere.selector, foreign));
        _void(_ids(foreign));
        _expect(abi.encodeWithSelector(IBoxOffice.PaidOnChain.selector, paid));
        _void(_ids(paid));
        _expect(abi.encodeWithSelector(ITicketLedger.TicketIsVoid.selector, id));
        _void(_ids(id, id));
        vm.warp(STARTS);
        vm.prank(GATE);
        ledger.redeem(screening, _ids(id));
        _expect(abi.encodeWithSelector(IBoxOffice.TicketUsed.selector, id));
        _void(_ids(id));
    }

    function test_void_twice() public {
        uint256 id = _sell(screening, ani, false);
        _void(_ids(id));
        _expect(abi.encodeWithSelector(ITicketLedger.TicketIsVoid.selector, id));
        _void(_ids(id));
        id = _sell(screening, ani, false);
        _expect(abi.encodeWithSelector(ITicketLedger.TicketIsVoid.selector, id));
        _void(_ids(id, id));
    }

    /* withdraw */

    function _withdraw(uint32 id, address to) private returns (uint256) {
        vm.prank(TREASURER);
        return office.withdraw(id, to);
    }

    function test_withdraw_takingsAlone() public {
        _buy(screening, ani, true);
        _buy(screening, budi, false);
        vm.warp(ENDS + 48 hours);
        _held(0, 2 * DEPOSIT, 2 * (PRICE - DEPOSIT));
        vm.expectEmit(address(office));
        emit IBoxOffice.Withdrawn(screening, citra, 2 * (PRICE - DEPOSIT));
        _withdraw(screening, citra);
        vm.assertEq(rupiah.balanceOf(citra), 2 * (PRICE - DEPOSIT));
        vm.assertEq(_withdraw(screening, citra), 0);
        _held(0, 2 * DEPOSIT, 0);
    }

    function test_withdraw_refusals() public {
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownSale.selector, 9));
        _withdraw(9, citra);
        _expect(IBoxOffice.NoRecipient.selector);
        _withdraw(screening, address(0));
        vm.warp(ENDS + 48 hours - 1);
        _expect(abi.encodeWithSelector(IBoxOffice.TooEarly.selector, screening, ENDS + 48 hours));
        _withdraw(screening, citra);
        vm.prank(BOARD);
        office.cancelScreening(screening);
        vm.warp(ENDS + 365 days);
        _expect(abi.encodeWithSelector(IBoxOffice.ScreeningIsCancelled.selector, screening));
        _withdraw(screening, citra);
    }

    /* deposits */

    function test_returnDeposit_onceToTheMemberWhoLeft() public {
        uint256 id = _buy(screening, ani, true);
        _buy(screening, budi, true);
        vm.prank(ani);
        ledger.leave();
        vm.expectEmit(address(office));
        emit IBoxOffice.DepositReturned(1, id, ani, DEPOSIT, true, 0);
        vm.prank(citra);
        office.returnDeposit(id);
        vm.assertEq(rupiah.balanceOf(ani), DEPOSIT);
        _expect(abi.encodeWithSelector(IBoxOffice.DepositReturnedBefore.selector, id));
        office.returnDeposit(id);
        // The seat itself still refunds, without what was returned.
        _refund(ani, id);
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
        _held(PRICE - DEPOSIT, DEPOSIT, 0);
    }

    function test_returnDeposit_byCause() public {
        uint256 free = _buy(screening, citra, false);
        _expectNotDue(free, Cause.None);
        office.returnDeposit(free);
        uint256 id = _buy(screening, ani, true);
        _expectNotDue(id, Cause.None);
        office.returnDeposit(id);
        _close(1, Cause.Deceased);
        _expectNotDue(id, Cause.Deceased);
        office.returnDeposit(id);
        uint256 second = _buy(screening, budi, true);
        _close(2, Cause.Expelled);
        office.returnDeposit(second);
        vm.assertEq(rupiah.balanceOf(budi), DEPOSIT);
        uint256 outside = _sell(screening, citra, true);
        _close(3, Cause.Expelled);
        _expect(abi.encodeWithSelector(IBoxOffice.NotPaidOnChain.selector, outside));
        office.returnDeposit(outside);
    }

    function test_returnDeposit_annulledAfterARefund() public {
        uint256 id = _buy(screening, ani, true);
        _refund(ani, id);
        _close(1, Cause.Annulled);
        office.returnDeposit(id);
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
        _expectNotDue(id, Cause.None);
        office.returnDeposit(id);
    }

    function test_returnDeposit_followsAMove() public {
        uint256 id = _buy(screening, ani, true);
        vm.prank(RECOVERY);
        ledger.proposeMove(1, budi);
        vm.warp(NOW + 7 days);
        vm.startPrank(budi);
        ledger.acceptMove(1, new uint256[](0));
        ledger.leave();
        vm.stopPrank();
        office.returnDeposit(id);
        vm.assertEq(rupiah.balanceOf(budi), DEPOSIT);
    }

    function test_returnDeposit_soldElsewhere() public {
        uint256 id = _buy(screening, ani, true);
        vm.prank(ani);
        ledger.leave();
        _expect(abi.encodeWithSelector(IBoxOffice.NotSoldHere.selector, id));
        coins.returnDeposit(id);
    }

    function test_returnDepositTo_heir() public {
        uint256 id = _buy(screening, ani, true);
        vm.startPrank(TREASURER);
        _expectNotDue(id, Cause.None);
        office.returnDepositTo(id, citra, PAPER);
        _expect(IBoxOffice.NoRecipient.selector);
        office.returnDepositTo(id, address(0), PAPER);
        vm.stopPrank();
        _close(1, Cause.Deceased);
        vm.expectEmit(address(office));
        emit IBoxOffice.DepositReturned(1, id, citra, DEPOSIT, true, PAPER);
        vm.startPrank(TREASURER);
        office.returnDepositTo(id, citra, PAPER);
        _expect(abi.encodeWithSelector(IBoxOffice.DepositReturnedBefore.selector, id));
        office.returnDepositTo(id, citra, PAPER);
        vm.stopPrank();
        vm.assertEq(rupiah.balanceOf(citra), DEPOSIT);
    }

    function test_recordDepositReturn() public {
        uint256 paid = _buy(screening, budi, true);
        uint256 id = _sell(screening, ani, true);
        vm.startPrank(TREASURER);
        _expect(abi.encodeWithSelector(IBoxOffice.PaidOnChain.selector, paid));
        office.recordDepositReturn(paid, PAPER);
        _expectNotDue(id, Cause.None);
        office.recordDepositReturn(id, PAPER);
        vm.stopPrank();
        vm.prank(ani);
        ledger.leave();
        vm.expectEmit(address(office));
        emit IBoxOffice.DepositReturned(2, id, ani, DEPOSIT, false, PAPER);
        vm.startPrank(TREASURER);
        office.recordDepositReturn(id, PAPER);
        _expect(abi.encodeWithSelector(IBoxOffice.DepositReturnedBefore.selector, id));
        office.recordDepositReturn(id, PAPER);
        vm.stopPrank();
        vm.assertEq(rupiah.balanceOf(address(office)), PRICE);
    }

    /* a box office that was replaced */

    function test_replaced_keepsItsScreeningsAndSellsNoMore() public {
        uint256 id = _buy(screening, ani, false);
        uint256 outside = _sell(screening, budi, false);
        manager.revokeRole(Roles.MINTER, address(office));
        IOffice next = _newOffice(address(rupiah));
        uint32 show = _show(next);
        vm.assertEq(show, screening + 1);
        bytes memory refused =
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(office));
        uint256[] memory lines = _lines(_line(ani, 0, false));
        _expect(refused);
        vm.prank(CLERK);
        office.sell(screening, 1, lines, new bytes32[](1), 0, 0);
        vm.prank(BOARD);
        office.postpone(screening, STARTS + 1, ENDS + 1, STARTS);
        _refund(ani, id);
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
        _void(_ids(outside));
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownSale.selector, screening));
        vm.prank(CLERK);
        next.sell(screening, 0, lines, new bytes32[](1), 0, 0);
    }
}
