// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Announcement, Film, IBoxOffice, Sale, Tier} from "../interfaces/IBoxOffice.sol";
import {ITicketLedger} from "../interfaces/ITicketLedger.sol";
import {Base} from "./support/Base.sol";

// addFilm: without a title
// addScreening: unknown film; each time out of order; no places; more seats than numbers; tiers
// setTier: unknown screening, a gap, deposit above price, sold from, the 256th
// cancelScreening: unknown, twice, when the money is settled
// postpone: unknown, cancelled, over, earlier, sale times; else: refundable until the new start
contract ProgrammeTest is Base {
    uint32 private screening;

    function setUp() public override {
        super.setUp();
        screening = _show(office);
    }

    function test_addFilm() public {
        vm.expectEmit(address(office));
        emit IBoxOffice.FilmAdded(2, "Siti", 2014, 88);
        vm.prank(CLERK);
        vm.assertEq(office.addFilm("Siti", 2014, 88), 2);
        Film memory f = office.film(2);
        vm.assertEq(f.title, "Siti");
        vm.assertEq(f.minutesLong, 88);
    }

    function test_addFilm_withoutATitle() public {
        _expect(IBoxOffice.BadAnnouncement.selector);
        vm.prank(CLERK);
        office.addFilm("", 2014, 88);
    }

    function test_film_unknown() public {
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownFilm.selector, 0));
        office.film(0);
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownFilm.selector, 2));
        office.film(2);
    }

    function test_addScreening() public view {
        Sale memory expected =
            Sale(1, 8, 0, 0, NOW, STARTS, STARTS - 1 days, false, false, false);
        vm.assertEq(abi.encode(office.sale(screening)), abi.encode(expected));
        vm.assertEq(office.venue(screening), "Layar Desa");
        vm.assertEq(ledger.screening(screening).issuer, address(office));
        Tier[] memory list = office.tiers(screening);
        vm.assertEq(list.length, 1);
        vm.assertEq(abi.encode(list[0]), abi.encode(Tier(PRICE, DEPOSIT, true, false, "Umum")));
    }

    function _add(Announcement memory a, Tier[] memory list) private {
        vm.prank(CLERK);
        office.addScreening(a, list);
    }

    function test_addScreening_unknownFilm() public {
        Announcement memory a = _announcement();
        a.film = 2;
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownFilm.selector, 2));
        _add(a, _tiers());
    }

    function test_addScreening_badAnnouncements() public {
        Announcement[5] memory bad;
        for (uint256 i; i < 5; ++i) {
            bad[i] = _announcement();
        }
        bad[0].opensAt = bad[0].closesAt;
        bad[1].closesAt = ENDS + 1;
        bad[2].refundableUntil = STARTS + 1;
        bad[3].capacity = 0;
        (bad[4].seated, bad[4].capacity) = (true, 65_536);
        for (uint256 i; i < 5; ++i) {
            _expect(IBoxOffice.BadAnnouncement.selector);
            _add(bad[i], _tiers());
        }
    }

    function test_addScreening_timesOfTheLedger() public {
        Announcement memory a = _announcement();
        a.endsAt = a.startsAt;
        _expect(abi.encodeWithSelector(ITicketLedger.BadScreeningTimes.selector, STARTS, STARTS));
        _add(a, _tiers());
    }

    function test_addScreening_tooManyTiers() public {
        Tier[] memory list = new Tier[](256);
        _expect(abi.encodeWithSelector(IBoxOffice.TooManyTiers.selector, screening + 1));
        _add(_announcement(), list);
        list = new Tier[](255);
        _add(_announcement(), list);
        vm.assertEq(office.tiers(screening + 1).length, 255);
    }

    function test_setTier_tooMany() public {
        _add(_announcement(), new Tier[](255));
        _expect(abi.encodeWithSelector(IBoxOffice.TooManyTiers.selector, screening + 1));
        _setTier(screening + 1, 255, 1, 1);
    }

    function _setTier(uint32 id, uint8 tier, uint96 price, uint96 deposit) private {
        vm.prank(CLERK);
        office.setTier(id, tier, Tier(price, deposit, false, false, "Pelajar"));
    }

    function test_setTier() public {
        vm.expectEmit(address(office));
        emit IBoxOffice.TierSet(screening, 1, 30_000, 30_000, "Pelajar");
        _setTier(screening, 1, 30_000, 30_000);
        _setTier(screening, 0, 40_000, 0);
        vm.assertEq(office.tiers(screening).length, 2);
        vm.assertEq(office.tiers(screening)[0].price, 40_000);
    }

    function test_setTier_refusals() public {
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownSale.selector, 9));
        _setTier(9, 0, 1, 0);
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownTier.selector, screening, 2));
        _setTier(screening, 2, 1, 0);
        _expect(abi.encodeWithSelector(IBoxOffice.BadTier.selector, 1, 2));
        _setTier(screening, 0, 1, 2);
    }

    function test_setTier_fixedBySaleOnAndOffTheChain() public {
        bytes memory isFixed = abi.encodeWithSelector(IBoxOffice.TierFixed.selector, screening, 0);
        uint256 id = _buy(screening, ani, false);
        _expect(isFixed);
        _setTier(screening, 0, 1, 0);
        vm.prank(ani);
        office.refund(_ids(id));
        _expect(isFixed);
        _setTier(screening, 0, 1, 0);
        screening = _show(office);
        _sell(screening, ani, false);
        _expect(abi.encodeWithSelector(IBoxOffice.TierFixed.selector, screening, 0));
        _setTier(screening, 0, 1, 0);
    }

    /* cancelScreening */

    function _cancel(uint32 id) private {
        vm.prank(BOARD);
        office.cancelScreening(id);
    }

    function test_cancel() public {
        vm.expectEmit(address(office));
        emit IBoxOffice.ScreeningCancelled(screening);
        _cancel(screening);
        vm.assertEq(office.sale(screening).cancelled, true);
        _expect(abi.encodeWithSelector(IBoxOffice.ScreeningIsCancelled.selector, screening));
        _cancel(screening);
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownSale.selector, 9));
        _cancel(9);
    }

    function test_cancel_untilTheMoneyIsSettled() public {
        vm.warp(ENDS + 48 hours);
        _expect(abi.encodeWithSelector(IBoxOffice.TooLate.selector, screening, ENDS + 48 hours));
        _cancel(screening);
        vm.warp(ENDS + 48 hours - 1);
        _cancel(screening);
    }

    /* postpone */

    function _postpone(uint40 startsAt, uint40 endsAt, uint40 closesAt) private {
        vm.prank(BOARD);
        office.postpone(screening, startsAt, endsAt, closesAt);
    }

    function test_postpone_opensRefundsUntilTheNewStart() public {
        uint256 id = _buy(screening, ani, false);
        vm.warp(STARTS);
        _expect(
            abi.encodeWithSelector(IBoxOffice.TooLate.selector, screening, STARTS - 1 days)
        );
        vm.prank(ani);
        office.refund(_ids(id));
        vm.expectEmit(address(office));
        emit IBoxOffice.ScreeningPostponed(screening, STARTS + 1 days);
        _postpone(STARTS + 1 days, ENDS + 1 days, ENDS);
        vm.assertEq(office.sale(screening).closesAt, ENDS);
        vm.assertEq(ledger.screening(screening).startsAt, STARTS + 1 days);
        vm.warp(STARTS + 1 days);
        vm.prank(ani);
        office.refund(_ids(id));
        vm.assertEq(rupiah.balanceOf(ani), PRICE);
    }

    function test_postpone_refusals() public {
        _expect(IBoxOffice.BadAnnouncement.selector);
        _postpone(STARTS, ENDS, NOW);
        _expect(IBoxOffice.BadAnnouncement.selector);
        _postpone(STARTS, ENDS, ENDS + 1);
        _expect(abi.encodeWithSelector(ITicketLedger.BadScreeningTimes.selector, STARTS - 1, ENDS));
        _postpone(STARTS - 1, ENDS, ENDS);
        vm.warp(ENDS);
        _expect(abi.encodeWithSelector(IBoxOffice.TooLate.selector, screening, ENDS));
        _postpone(ENDS + 1, ENDS + 2, ENDS);
        vm.warp(NOW);
        _cancel(screening);
        _expect(abi.encodeWithSelector(IBoxOffice.ScreeningIsCancelled.selector, screening));
        _postpone(STARTS, ENDS, ENDS);
        screening = 9;
        _expect(abi.encodeWithSelector(IBoxOffice.UnknownSale.selector, 9));
        _postpone(STARTS, ENDS, ENDS);
    }
}
