// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Announcement, IBoxOffice, Permit, Purchase} from "../interfaces/IBoxOffice.sol";
import {Consent, ITicketLedger} from "../interfaces/ITicketLedger.sol";
import {Base} from "./support/Base.sol";
import {IOffice} from "./support/Faces.sol";
import {FeeToken} from "./support/Strangers.sol";

// buy
// ├── unknown, cancelled, not open yet, closed, sold out, unknown tier, price above
// ├── joins for somebody else, as a member, under other by-laws
// ├── seats: taken, none, beyond capacity, named in a screening without numbers
// ├── coin: not the exact price; ERC-20: with coin, without allowance, less arrives
// └── a permit: good, spent ahead of us, bad with an allowance, bad without
// sell
// ├── unknown, cancelled, sequence, references, capacity, tier, seat twice
// └── joins under attested consent; never paid on chain
contract SalesTest is Base {
    uint32 private screening;
    uint32 private seated;

    function setUp() public override {
        super.setUp();
        screening = _show(office);
        Announcement memory a = _announcement();
        (a.seated, a.nonTransferable) = (true, true);
        seated = _show(office, a);
        rupiah.mint(ani, 10 * PRICE);
        vm.prank(ani);
        rupiah.approve(address(office), 10 * PRICE);
    }

    function _buy(Purchase memory p) private returns (uint256) {
        vm.prank(ani);
        return office.buy(p);
    }

    /* buy */

    function test_buy_joins() public {
        vm.expectEmit(address(office));
        emit IBoxOffice.Purchased(screening, ani, ani, 1, PRICE);
        _buy(_purchase(screening, ani, 1));
        vm.assertEq(ledger.memberOf(ani), 1);
        vm.assertEq(uint256(lens.member(1).consent), uint256(Consent.Purchased));
        vm.assertTrue(_ticket(1).paidOnChain, "paid on the chain");
        vm.assertEq(office.till(screening).takings, PRICE - DEPOSIT);
        vm.assertEq(office.till(screening).deposits, DEPOSIT);
        vm.assertEq(rupiah.balanceOf(address(office)), PRICE);
        vm.assertEq(office.sale(screening).sold, 1);
    }

    function test_buy_asAPresentEnrolsNobody() public {
        _buy(_purchase(screening, budi, 0));
        vm.assertEq(ledger.ownerOf(1), budi);
        vm.assertEq(ledger.memberCount(), 0);
    }

    function test_buy_consentForSomebodyElse() public {
        _expect(abi.encodeWithSelector(IBoxOffice.ConsentNotOwn.selector, budi, ani));
        _buy(_purchase(screening, budi, 1));
    }

    function test_buy_joinsAsAMember() public {
        _buy(_purchase(screening, ani, 1));
        _expect(abi.encodeWithSelector(ITicketLedger.AlreadyMember.selector, ani, 1));
        _buy(_purchase(screening, ani, 1));
    }

    function test_buy_bylawsNotInForce() public {
        _expect(abi.encodeWithSelector(ITicketLedger.WrongBylaws.selector, 2, 1));
        _buy(_purchase(screening, ani, 2));
    }

    function test_buy_saleWindow() public {
        vm.warp(NOW - 1);
        _expect(abi.encodeWithSelector(IBoxOffice.TooEarly.selector, screening, NOW));
        _buy(_purchase(screening, ani, 0));
        vm.warp(STARTS);
        _expect(abi.encodeWithSelector(IBoxOffice.TooLate.selector, screening, STARTS));
        _buy(_purchase(screening, ani, 0));
    }

    function test_buy_unknownCancelledTier() public {
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownSale.selector, 9));
        _buy(_purchase(9, ani, 0));
        Purchase memory p = _purchase(screening, ani, 0);
        p.tier = 1;
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownTier.selector, screening, 1));
        _buy(p);
        vm.prank(BOARD);
        office.cancelScreening(screening);
        _expect(abi.encodeWithSelector(IBoxOffice.ScreeningIsCancelled.selector, screening));
        _buy(_purchase(screening, ani, 0));
    }

    function test_buy_priceAbove() public {
        Purchase memory p = _purchase(screening, ani, 0);
        p.maxPrice = PRICE - 1;
        _expect(abi.encodeWithSelector(IBoxOffice.PriceAbove.selector, PRICE, PRICE - 1));
        _buy(p);
    }

    function test_buy_soldOut() public {
        for (uint256 i; i < 8; ++i) {
            _buy(_purchase(screening, ani, 0));
        }
        _expect(abi.encodeWithSelector(IBoxOffice.SoldOut.selector, screening, 8, 9));
        _buy(_purchase(screening, ani, 0));
    }

    function test_buy_seats() public {
        Purchase memory p = _purchase(seated, ani, 0);
        _expect(abi.encodeWithSelector(IBoxOffice.BadSeat.selector, seated, 0));
        _buy(p);
        p.seat = 9;
        _expect(abi.encodeWithSelector(IBoxOffice.BadSeat.selector, seated, 9));
        _buy(p);
        p.seat = 8;
        _buy(p);
        vm.assertTrue(office.seatTaken(seated, 8) && !office.seatTaken(seated, 7), "seat 8 alone");
        vm.assertTrue(_ticket(1).nonTransferable, "as announced");
        _expect(abi.encodeWithSelector(IBoxOffice.SeatTaken.selector, seated, 8));
        _buy(p);
        p.screening = screening;
        _expect(abi.encodeWithSelector(IBoxOffice.BadSeat.selector, screening, 8));
        _buy(p);
    }

    function test_buy_withoutAllowance() public {
        vm.prank(ani);
        rupiah.approve(address(office), 0);
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)", address(office), 0, PRICE
            )
        );
        _buy(_purchase(screening, ani, 0));
    }

    function test_buy_coinWhereRupiahAreDue() public {
        vm.deal(ani, 1);
        _expect(abi.encodeWithSelector(IBoxOffice.WrongPayment.selector, 1, 0));
        vm.prank(ani);
        office.buy{value: 1}(_purchase(screening, ani, 0));
    }

    function test_buy_withTheCoin() public {
        uint32 show = _show(coins);
        vm.deal(ani, 3 * PRICE);
        vm.startPrank(ani);
        _expect(abi.encodeWithSelector(IBoxOffice.WrongPayment.selector, PRICE - 1, PRICE));
        coins.buy{value: PRICE - 1}(_purchase(show, ani, 0));
        _expect(abi.encodeWithSelector(IBoxOffice.WrongPayment.selector, PRICE + 1, PRICE));
        coins.buy{value: PRICE + 1}(_purchase(show, ani, 0));
        coins.buy{value: PRICE}(_purchase(show, ani, 1));
        vm.stopPrank();
        vm.assertEq(ledger.memberOf(ani), 1);
        vm.assertEq(address(coins).balance, PRICE);
    }

    function test_buy_withATokenThatKeepsAFee() public {
        FeeToken fee = new FeeToken();
        IOffice shop = _newOffice(address(fee));
        uint32 show = _show(shop);
        fee.mint(ani, PRICE);
        vm.startPrank(ani);
        fee.approve(address(shop), PRICE);
        _expect(abi.encodeWithSelector(IBoxOffice.WrongPayment.selector, PRICE - 1, PRICE));
        shop.buy(_purchase(show, ani, 0));
        vm.stopPrank();
    }

    /* buyWithPermit */

    function _permit(uint256 key) private view returns (Permit memory) {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                vm.addr(key),
                office,
                PRICE,
                0,
                NOW
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", rupiah.DOMAIN_SEPARATOR(), hash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return Permit(PRICE, NOW, v, r, s);
    }

    function test_permit() public {
        rupiah.mint(budi, PRICE);
        Permit memory permit = _permit(2);
        vm.prank(budi);
        office.buyWithPermit(_purchase(screening, budi, 1), permit);
        vm.assertEq(ledger.memberOf(budi), 1);
    }

    function test_permit_sentAheadBySomebodyElse() public {
        rupiah.mint(budi, PRICE);
        Permit memory p = _permit(2);
        rupiah.permit(budi, address(office), p.value, p.deadline, p.v, p.r, p.s);
        vm.prank(budi);
        office.buyWithPermit(_purchase(screening, budi, 1), p);
        vm.assertEq(ledger.memberOf(budi), 1);
    }

    function test_permit_whereCoinsAreDue() public {
        uint32 show = _show(coins);
        Permit memory permit = _permit(2);
        _expect(abi.encodeWithSelector(IBoxOffice.WrongPayment.selector, 0, PRICE));
        vm.prank(budi);
        coins.buyWithPermit(_purchase(show, budi, 0), permit);
    }

    function test_permit_bad() public {
        Permit memory p = _permit(3);
        vm.prank(ani);
        office.buyWithPermit(_purchase(screening, ani, 0), p);
        rupiah.mint(budi, PRICE);
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)", address(office), 0, PRICE
            )
        );
        vm.prank(budi);
        office.buyWithPermit(_purchase(screening, budi, 0), p);
    }

    /* sell */

    function _sellAs(uint32 id, uint32 sequence, uint256[] memory lines, uint256 references) private {
        vm.prank(CLERK);
        office.sell(id, sequence, lines, new bytes32[](references), 1, PAPER);
    }

    function test_sell() public {
        uint256[] memory lines = new uint256[](2);
        (lines[0], lines[1]) = (_line(ani, 0, true), _line(budi, 0, false));
        bytes32[] memory references = new bytes32[](2);
        (references[0], references[1]) = (keccak256("A-1"), keccak256("A-2"));
        vm.expectEmit(address(office));
        emit IBoxOffice.Sold(screening, 0, 1, PAPER, references);
        vm.prank(CLERK);
        vm.assertEq(office.sell(screening, 0, lines, references, 1, PAPER), 1);
        vm.assertEq(ledger.memberOf(ani), 1);
        vm.assertEq(ledger.memberOf(budi), 0);
        vm.assertTrue(!_ticket(1).paidOnChain, "paid outside");
        vm.assertEq(office.sale(screening).sequence, 1);
        vm.assertEq(office.till(screening).takings, 0);
    }

    function test_sell_refusals() public {
        uint256[] memory lines = _lines(_line(ani, 0, false));
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownSale.selector, 9));
        _sellAs(9, 0, lines, 1);
        _expect(abi.encodeWithSelector(IBoxOffice.WrongSequence.selector, screening, 0, 1));
        _sellAs(screening, 1, lines, 1);
        _expect(abi.encodeWithSelector(IBoxOffice.WrongReferences.selector, 1, 2));
        _sellAs(screening, 0, lines, 2);
        _expect(abi.encodeWithSelector(IBoxOffice.SoldOut.selector, screening, 8, 9));
        _sellAs(screening, 0, new uint256[](9), 9);
        lines[0] |= 1 << 176;
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownTier.selector, screening, 1));
        _sellAs(screening, 0, lines, 1);
        vm.prank(BOARD);
        office.cancelScreening(screening);
        _expect(abi.encodeWithSelector(IBoxOffice.ScreeningIsCancelled.selector, screening));
        _sellAs(screening, 0, lines, 1);
    }

    function test_sell_theSameBatchTwice() public {
        uint256[] memory lines = _lines(_line(ani, 0, false));
        _sellAs(screening, 0, lines, 1);
        _expect(abi.encodeWithSelector(IBoxOffice.WrongSequence.selector, screening, 1, 0));
        _sellAs(screening, 0, lines, 1);
    }

    function test_sell_aSeatTwiceInABatch() public {
        uint256[] memory lines = new uint256[](2);
        lines[0] = lines[1] = _line(ani, 4, false);
        _expect(abi.encodeWithSelector(IBoxOffice.SeatTaken.selector, seated, 4));
        _sellAs(seated, 0, lines, 2);
    }

    function test_sell_joinsWithoutBylaws() public {
        uint256[] memory lines = _lines(_line(ani, 0, true));
        _expect(abi.encodeWithSelector(ITicketLedger.BadConsent.selector, Consent.None));
        vm.prank(CLERK);
        office.sell(screening, 0, lines, new bytes32[](1), 0, 0);
    }
}
