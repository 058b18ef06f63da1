// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {Announcement, Film, IBoxOffice, Sale, Tier} from "../interfaces/IBoxOffice.sol";
import {ITicketLedger, Screening} from "../interfaces/ITicketLedger.sol";

/// @title Programme
/// @notice What is shown, for how much, and which places are left.
abstract contract Programme is IBoxOffice, AccessManaged {
    /// @notice Money stays this long after the end, in case the screening has to be cancelled.
    uint256 public constant SETTLEMENT_DELAY = 48 hours;

    ITicketLedger public immutable ledger;

    Film[] internal _films;
    mapping(uint32 screening => Sale) internal _sales;
    mapping(uint32 screening => mapping(uint8 tier => Tier)) internal _tiers;
    mapping(uint32 screening => uint8) private _tierCounts;
    mapping(uint32 screening => mapping(uint256 word => uint256 bits)) private _seats;

    /// @inheritdoc IBoxOffice
    mapping(uint32 screening => string) public venue;

    constructor(ITicketLedger ledger_) {
        ledger = ledger_;
    }

    /* WRITES */

    /// @inheritdoc IBoxOffice
    function addFilm(string calldata title, uint16 year, uint16 minutesLong)
        external
        restricted
        returns (uint32 id)
    {
        if (bytes(title).length == 0) revert BadAnnouncement();
        _films.push(Film(title, year, minutesLong));
        id = uint32(_films.length);
        emit FilmAdded(id, title, year, minutesLong);
    }

    /// @inheritdoc IBoxOffice
    function addScreening(Announcement calldata a, Tier[] calldata tiers_)
        external
        restricted
        returns (uint32 screening)
    {
        if (a.film == 0 || a.film > _films.length) revert UnknownFilm(a.film);
        bool inOrder = a.opensAt < a.closesAt && a.closesAt <= a.endsAt && a.refundableUntil <= a.startsAt;
        bool seatsFit = !a.seated || a.capacity <= type(uint16).max;
        if (!inOrder || !seatsFit || a.capacity == 0) revert BadAnnouncement();

        screening = ledger.openScreening(a.startsAt, a.endsAt);
        _sales[screening] = Sale({
            film: a.film,
            capacity: a.capacity,
            sold: 0,
            sequence: 0,
            opensAt: a.opensAt,
            closesAt: a.closesAt,
            refundableUntil: a.refundableUntil,
            seated: a.seated,
            nonTransferable: a.nonTransferable,
            cancelled: false
        });
        venue[screening] = a.venue;

        emit ScreeningAdded(screening, a.film, a.venue);
        if (tiers_.length > type(uint8).max) revert TooManyTiers(screening);
        for (uint8 i; i < tiers_.length; ++i) {
            _setTier(screening, i, tiers_[i]);
        }
    }

    /// @inheritdoc IBoxOffice
    function setTier(uint32 screening, uint8 tier, Tier calldata terms) external restricted {
        _sale(screening);
        _setTier(screening, tier, terms);
    }

    /// @inheritdoc IBoxOffice
    function cancelScreening(uint32 screening) external restricted {
        Sale storage s = _sale(screening);
        if (s.cancelled) revert ScreeningIsCancelled(screening);
        uint256 settledAt = _settledAt(screening);
        if (block.timestamp >= settledAt) revert TooLate(screening, settledAt);

        s.cancelled = true;

        emit ScreeningCancelled(screening);
    }

    /// @inheritdoc IBoxOffice
    function postpone(uint32 screening, uint40 startsAt, uint40 endsAt, uint40 closesAt) external restricted {
        Sale storage s = _sale(screening);
        if (s.cancelled) revert ScreeningIsCancelled(screening);
        uint256 ends = ledger.screening(screening).endsAt;
        if (block.timestamp >= ends) revert TooLate(screening, ends);
        if (closesAt <= s.opensAt || closesAt > endsAt) revert BadAnnouncement();

        s.closesAt = closesAt;
        s.refundableUntil = startsAt;

        emit ScreeningPostponed(screening, startsAt);
        ledger.postponeScreening(screening, startsAt, endsAt);
    }

    /* VIEWS */

    /// @inheritdoc IBoxOffice
    function tiers(uint32 screening) external view returns (Tier[] memory list) {
        list = new Tier[](_tierCounts[screening]);
        for (uint8 i; i < list.length; ++i) {
            list[i] = _tiers[screening][i];
        }
    }

    /// @inheritdoc IBoxOffice
    function seatTaken(uint32 screening, uint16 seat) external view returns (bool) {
        return _seats[screening][seat >> 8] & (1 << (seat & 0xff)) != 0;
    }

    /* INTERNAL */

    function _setTier(uint32 screening, uint8 tier, Tier calldata terms) private {
        if (terms.deposit > terms.price) revert BadTier(terms.price, terms.deposit);
        uint8 count = _tierCounts[screening];
        if (tier > count) revert UnknownTier(screening, tier);
        if (_tiers[screening][tier].sold) revert TierFixed(screening, tier);

        if (tier == count) {
            if (count == type(uint8).max) revert TooManyTiers(screening);
            _tierCounts[screening] = count + 1;
        }
        _tiers[screening][tier] =
            Tier({price: terms.price, deposit: terms.deposit, exists: true, sold: false, name: terms.name});

        emit TierSet(screening, tier, terms.price, terms.deposit, terms.name);
    }

    function _sale(uint32 screening) internal view returns (Sale storage s) {
        s = _sales[screening];
        if (s.film == 0) revert UnknownSale(screening);
    }

    function _tier(uint32 screening, uint8 tier) internal view returns (Tier storage t) {
        t = _tiers[screening][tier];
        if (!t.exists) revert UnknownTier(screening, tier);
    }

    /// @dev When a screening's takings become the cooperative's for good.
    function _settledAt(uint32 screening) internal view returns (uint256) {
        return ledger.screening(screening).endsAt + SETTLEMENT_DELAY;
    }

    function _takeSeat(uint32 screening, bool seated, uint24 capacity, uint16 seat) internal {
        if (!seated && seat == 0) return;
        if (!seated || seat == 0 || seat > capacity) revert BadSeat(screening, seat);
        mapping(uint256 word => uint256 bits) storage seats = _seats[screening];
        uint256 bits = seats[seat >> 8];
        uint256 bit = 1 << (seat & 0xff);
        if (bits & bit != 0) revert SeatTaken(screening, seat);
        seats[seat >> 8] = bits | bit;
    }

    /// @dev The place of a ticket that is being voided.
    function _freePlace(uint32 screening, uint16 seat) internal {
        --_sales[screening].sold;
        if (seat != 0) _seats[screening][seat >> 8] &= ~(1 << (seat & 0xff));
    }
}
