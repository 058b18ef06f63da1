// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "../access/Roles.sol";
import {ITicketLedger, Refusal, Screening, Terms, Ticket} from "../interfaces/ITicketLedger.sol";
import {IERC5192} from "../interfaces/IERC5192.sol";
import {Base} from "./support/Base.sol";
import {ILedger} from "./support/Faces.sol";

// The ledger without a box office: this contract is the minter and the issuer.
//
// openScreening
// ├── starts less than 12 h after 1970: BadScreeningTimes
// ├── ends at its start: BadScreeningTimes
// └── else: the caller is its issuer
// postponeScreening
// ├── unknown: UnknownScreening; another's: NotTheIssuer
// ├── earlier start, or an end at the start: BadScreeningTimes
// └── else: moved
// redeem, unredeem, void
// ├── unknown screening, other screening, outside of the gate's hours
// └── redeemed, void and foreign tickets are skipped and logged
// give
// ├── not the holder, to nobody, locked
// └── else: changes owner, enrols nobody
contract TicketsTest is Base {
    uint32 private screening;
    uint256 private id;

    function setUp() public override {
        super.setUp();
        manager.grantRole(Roles.MINTER, address(this), 0);
        screening = ledger.openScreening(STARTS, ENDS);
        id = _issue(ani);
    }

    function _issue(address holder) private returns (uint256) {
        Terms memory none;
        return ledger.issue(screening, _lines(_line(holder, 3, false)), none);
    }

    /* openScreening, postponeScreening */

    function test_openScreening() public {
        vm.expectEmit(address(ledger));
        emit ITicketLedger.ScreeningOpened(2, address(this), 43_201, 43_202);
        vm.assertEq(ledger.openScreening(43_201, 43_202), 2);
        Screening memory s = ledger.screening(2);
        vm.assertEq(s.issuer, address(this));
        vm.assertEq(s.startsAt, 43_201);
        vm.assertEq(s.endsAt, 43_202);
        vm.assertEq(ledger.screeningCount(), 2);
    }

    function test_openScreening_tooEarlyForTheGate() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadScreeningTimes.selector, 43_200, ENDS));
        ledger.openScreening(43_200, ENDS);
    }

    function test_openScreening_endsAtItsStart() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadScreeningTimes.selector, STARTS, STARTS));
        ledger.openScreening(STARTS, STARTS);
    }

    function test_postponeScreening() public {
        vm.expectEmit(address(ledger));
        emit ITicketLedger.ScreeningPostponed(screening, STARTS + 1, ENDS + 1);
        ledger.postponeScreening(screening, STARTS + 1, ENDS + 1);
        vm.assertEq(ledger.screening(screening).startsAt, STARTS + 1);
        vm.assertEq(ledger.screening(screening).endsAt, ENDS + 1);
    }

    function test_postponeScreening_unknown() public {
        _expect(abi.encodeWithSelector(ITicketLedger.UnknownScreening.selector, 9));
        ledger.postponeScreening(9, STARTS, ENDS);
    }

    function test_postponeScreening_notTheIssuer() public {
        bytes4 selector = ITicketLedger.NotTheIssuer.selector;
        _expect(abi.encodeWithSelector(selector, screening, address(this), ani));
        vm.prank(ani);
        ledger.postponeScreening(screening, STARTS, ENDS);
    }

    function test_postponeScreening_earlier() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadScreeningTimes.selector, STARTS - 1, ENDS));
        ledger.postponeScreening(screening, STARTS - 1, ENDS);
    }

    function test_postponeScreening_endsAtItsStart() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadScreeningTimes.selector, ENDS, ENDS));
        ledger.postponeScreening(screening, ENDS, ENDS);
    }

    function test_postponeScreening_endsEarlier() public {
        _expect(abi.encodeWithSelector(ITicketLedger.BadScreeningTimes.selector, STARTS, ENDS - 1));
        ledger.postponeScreening(screening, STARTS, ENDS - 1);
    }

    /* redeem, unredeem */

    function _redeem(uint256[] memory ids) private {
        vm.prank(GATE);
        ledger.redeem(screening, ids);
    }

    function test_redeem_locks() public {
        vm.warp(STARTS - 12 hours);
        vm.expectEmit(address(ledger));
        emit IERC5192.Locked(id);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.Redeemed(screening, _ids(id));
        _redeem(_ids(id));
        vm.assertTrue(_ticket(id).redeemed && ledger.locked(id), "redeemed and locked");
    }

    function test_redeem_skipsAndLogsWhatCannotBeRedeemed() public {
        uint256 gone = _issue(budi);
        ledger.void(screening, _ids(gone));
        uint32 other = ledger.openScreening(STARTS, ENDS);
        Terms memory none;
        uint256 foreign = ledger.issue(other, _lines(_line(budi, 0, false)), none);
        uint256[] memory ids = new uint256[](5);
        (ids[0], ids[1], ids[2], ids[3], ids[4]) = (foreign, gone, id, id, 99);
        vm.warp(ENDS + 12 hours);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.RedeemRefused(screening, foreign, Refusal.NotOfThisScreening);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.RedeemRefused(screening, gone, Refusal.Void);
        vm.expectEmit(address(ledger));
        emit IERC5192.Locked(id);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.Redeemed(screening, _ids(id));
        vm.expectEmit(address(ledger));
        emit ITicketLedger.RedeemRefused(screening, id, Refusal.AlreadyRedeemed);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.RedeemRefused(screening, 99, Refusal.NotOfThisScreening);
        _redeem(ids);
        vm.assertTrue(!_ticket(foreign).redeemed && !_ticket(gone).redeemed, "others untouched");
    }

    function test_redeem_unknownScreening() public {
        _expect(abi.encodeWithSelector(ITicketLedger.UnknownScreening.selector, 0));
        vm.prank(GATE);
        ledger.redeem(0, _ids(99));
    }

    function test_redeem_outsideOfTheGatesHours() public {
        bytes memory closed = abi.encodeWithSelector(
            ITicketLedger.OutsideGateHours.selector, screening, STARTS - 12 hours, ENDS + 12 hours
        );
        vm.warp(STARTS - 12 hours - 1);
        _expect(closed);
        _redeem(_ids(id));
        vm.warp(ENDS + 12 hours + 1);
        _expect(closed);
        _redeem(_ids(id));
    }

    function test_unredeem() public {
        vm.warp(ENDS);
        _redeem(_ids(id));
        vm.expectEmit(address(ledger));
        emit ITicketLedger.Unredeemed(screening, id);
        vm.expectEmit(address(ledger));
        emit IERC5192.Unlocked(id);
        vm.prank(CLERK);
        ledger.unredeem(screening, id);
        vm.assertTrue(!_ticket(id).redeemed && !ledger.locked(id), "as before");
    }

    function test_unredeem_notRedeemed() public {
        _expect(abi.encodeWithSelector(ITicketLedger.TicketNotRedeemed.selector, id));
        vm.prank(CLERK);
        ledger.unredeem(screening, id);
    }

    function test_unredeem_otherScreening() public {
        vm.warp(STARTS);
        _redeem(_ids(id));
        uint32 other = ledger.openScreening(STARTS, ENDS);
        _expect(abi.encodeWithSelector(ITicketLedger.NotOfThisScreening.selector, id, other));
        vm.prank(CLERK);
        ledger.unredeem(other, id);
    }

    function test_unredeem_afterTheEnd() public {
        vm.warp(STARTS);
        _redeem(_ids(id));
        vm.warp(ENDS + 1);
        bytes4 selector = ITicketLedger.OutsideGateHours.selector;
        _expect(abi.encodeWithSelector(selector, screening, STARTS - 12 hours, ENDS));
        vm.prank(CLERK);
        ledger.unredeem(screening, id);
    }

    /* void */

    function test_void() public {
        vm.expectEmit(address(ledger));
        emit IERC5192.Locked(id);
        vm.expectEmit(address(ledger));
        emit ILedger.MetadataUpdate(id);
        vm.expectEmit(address(ledger));
        emit ITicketLedger.Voided(screening, _ids(id));
        ledger.void(screening, _ids(id));
        vm.assertTrue(_ticket(id).isVoid && ledger.locked(id), "void and locked");
    }

    function test_void_twice() public {
        _expect(abi.encodeWithSelector(ITicketLedger.TicketIsVoid.selector, id));
        ledger.void(screening, _ids(id, id));
    }

    function test_void_otherScreening() public {
        uint32 other = ledger.openScreening(STARTS, ENDS);
        _expect(abi.encodeWithSelector(ITicketLedger.NotOfThisScreening.selector, id, other));
        ledger.void(other, _ids(id));
    }

    function test_void_notTheIssuer() public {
        bytes4 selector = ITicketLedger.NotTheIssuer.selector;
        _expect(abi.encodeWithSelector(selector, screening, address(this), ani));
        vm.prank(ani);
        ledger.void(screening, _ids(id));
    }

    /* give */

    function test_give_enrolsNobody() public {
        vm.prank(ani);
        ledger.give(id, budi);
        vm.assertEq(ledger.ownerOf(id), budi);
        vm.assertEq(ledger.memberOf(budi), 0);
        vm.assertEq(ledger.memberCount(), 0);
    }

    function test_give_notTheHolder() public {
        _expect(abi.encodeWithSelector(ITicketLedger.NotTheHolder.selector, id, ani, budi));
        vm.prank(budi);
        ledger.give(id, budi);
    }

    function test_give_toNobody() public {
        _expect(ILedger.TransferToZeroAddress.selector);
        vm.prank(ani);
        ledger.give(id, address(0));
    }

    function test_give_locked() public {
        ledger.void(screening, _ids(id));
        _expect(abi.encodeWithSelector(ITicketLedger.TicketLocked.selector, id));
        vm.prank(ani);
        ledger.give(id, budi);
    }

    /* The ERC-721 face */

    function test_transfersTakeNoMoney() public {
        vm.deal(ani, 4);
        bytes[4] memory calls = [
            abi.encodeWithSignature("transferFrom(address,address,uint256)", ani, budi, id),
            abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", ani, budi, id),
            abi.encodeWithSignature("safeTransferFrom(address,address,uint256,bytes)", ani, budi, id, ""),
            abi.encodeWithSignature("approve(address,uint256)", budi, id)
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(ani);
            (bool done, bytes memory reason) = address(ledger).call{value: 1}(calls[i]);
            vm.assertEq(done, false);
            vm.assertEq(reason, abi.encodePacked(ITicketLedger.ValueNotAccepted.selector));
            if (i == 3) continue;
            vm.prank(ani);
            (done,) = address(ledger).call(calls[i]);
            vm.assertTrue(done && ledger.ownerOf(id) == budi, "without money it goes");
            vm.prank(budi);
            ledger.give(id, ani);
        }
    }

    function test_supportsInterface() public view {
        bytes4[5] memory ids =
            [bytes4(0x01ffc9a7), bytes4(0x80ac58cd), bytes4(0x5b5e139f), bytes4(0xb45a3c0e), bytes4(0x49064906)];
        for (uint256 i; i < ids.length; ++i) {
            vm.assertTrue(ledger.supportsInterface(ids[i]), "ERC-165, 721, 721 metadata, 5192, 4906");
        }
        vm.assertTrue(!ledger.supportsInterface(0xffffffff), "never 0xffffffff");
    }

    function test_metadata() public {
        vm.expectEmit(address(ledger));
        emit ILedger.BatchMetadataUpdate(1, type(uint256).max);
        vm.expectEmit(address(ledger));
        emit ILedger.ContractURIUpdated();
        vm.prank(BOARD);
        ledger.setBaseURI("https://tiket.example/");
        vm.assertEq(ledger.tokenURI(id), "https://tiket.example/tickets/1");
        vm.assertEq(ledger.contractURI(), "https://tiket.example/contract");
        vm.assertEq(ledger.name(), "Koperasi film tickets");
        vm.assertEq(ledger.symbol(), "TIKET");
    }

    function test_viewsOfATicketThatDoesNotExist() public {
        _expect(ILedger.TokenDoesNotExist.selector);
        ledger.locked(99);
        _expect(ILedger.TokenDoesNotExist.selector);
        ledger.tokenURI(99);
        _expect(ILedger.TokenDoesNotExist.selector);
        ledger.ticket(99);
    }

    function testFuzz_ticketWord(uint16 seat, uint8 tier, bool paid, bool bound) public {
        Terms memory terms;
        (terms.paidOnChain, terms.nonTransferable) = (paid, bound);
        uint256 line = _line(citra, seat, false) | (uint256(tier) << 176);
        uint256 made = ledger.issue(screening, _lines(line), terms);
        Ticket memory expected = Ticket(citra, screening, seat, tier, 0, false, false, bound, paid);
        vm.assertEq(abi.encode(_ticket(made)), abi.encode(expected));
        vm.assertEq(ledger.locked(made), bound);
    }

    /* the lens: tickets by page */

    function test_lensTickets() public {
        _issue(budi);
        uint256[] memory page = lens.tickets(1, 9);
        vm.assertEq(page.length, 2);
        vm.assertEq(page[0], ledger.ticket(id));
        vm.assertEq(page[1], ledger.ticket(2));
        vm.assertEq(lens.tickets(2, 1)[0], page[1]);
        vm.assertEq(lens.tickets(3, 9).length, 0);
    }
}
