// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {

    Film,
    IBoxOffice,
    Permit,
    Purchase,
    Sale,
    Tier,
    Till
} from "./interfaces/IBoxOffice.sol";
import {Consent, ITicketLedger, Terms} from "./interfaces/ITicketLedger.sol";
import {Cashier} from "./sales/Cashier.sol";
import {Programme} from "./sales/Programme.sol";

/// @title BoxOffice
/// @notice Sells the tickets of a `TicketLedger`. It needs the role MINTER, and can be replaced:
/// the screenings that it opened remain its own until their money is paid out.
contract BoxOffice is Cashier {
    constructor(address manager, ITicketLedger ledger_, address currency_)
        AccessManaged(manager)
        Programme(ledger_)
        Cashier(currency_)
    {}

    /* SALES ON THE CHAIN */

    /// @inheritdoc IBoxOffice
    function buy(Purchase calldata purchase) external payable nonReentrant returns (uint256) {
        return _buy(purchase);
    }

    /// @inheritdoc IBoxOffice
    function buyWithPermit(Purchase calldata purchase, Permit calldata permit)
        external
        nonReentrant
        returns (uint256)
    {
        if (currency != address(0)) {
            // Somebody may have sent the permit ahead of us: then the allowance is there.
            try IERC20Permit(currency).permit(
                msg.sender, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
            ) {} catch {}
        }
        return _buy(purchase);
    }

    function _buy(Purchase calldata purchase) private returns (uint256 ticketId) {
        uint32 screening = purchase.screening;
        Sale memory s = _sale(screening);
        if (s.cancelled) revert ScreeningIsCancelled(screening);
        if (block.timestamp < s.opensAt) revert TooEarly(screening, s.opensAt);
        if (block.timestamp >= s.closesAt) revert TooLate(screening, s.closesAt);
        if (s.sold == s.capacity) revert SoldOut(screening, s.capacity, uint256(s.sold) + 1);
        bool joins = purchase.bylaws != 0;
        if (joins && purchase.holder != msg.sender) revert ConsentNotOwn(purchase.holder, msg.sender);
        Tier storage tier = _tier(screening, purchase.tier);
        (uint96 price, uint96 deposit) = (tier.price, tier.deposit);
        if (price > purchase.maxPrice) revert PriceAbove(price, purchase.maxPrice);

        _sales[screening].sold = s.sold + 1;
        if (!tier.sold) tier.sold = true;
        _takeSeat(screening, s.seated, s.capacity, purchase.seat);
        Till memory t = _tills[screening];
        _tills[screening] = Till(t.takings + price - deposit, t.deposits + deposit);

        _collect(price);
        uint256[] memory lines = new uint256[](1);
        lines[0] = _line(purchase.holder, purchase.seat, purchase.tier, joins);
        Terms memory terms = Terms({
            consent: joins ? Consent.Purchased : Consent.None,
            bylaws: purchase.bylaws,
            attestation: 0,
            paidOnChain: true,
            nonTransferable: s.nonTransferable
        });
        ticketId = ledger.issue(screening, lines, terms);
        // The ledger gives the id, so this event alone comes after calling out.
        emit Purchased(screening, msg.sender, purchase.holder, ticketId, price);
    }

    /// @dev The packed line of `ITicketLedger.issue`, with the consent given now.
    function _line(address holder, uint16 seat, uint8 tier, bool joins) private view returns (uint256 line) {
        line = uint256(uint160(holder)) | (uint256(seat) << 160) | (uint256(tier) << 176);
        if (joins) line |= (uint256(1) << 184) | (block.timestamp << 192);
    }

    /* SALES OUTSIDE THE CHAIN */

    /// @inheritdoc IBoxOffice
    function sell(
        uint32 screening,
        uint32 sequence,
        uint256[] calldata lines,
        bytes32[] calldata references,
        uint32 bylaws,
        bytes16 attestation
    ) external restricted returns (uint256 firstTicketId) {
        Sale memory s = _sale(screening);
        if (s.cancelled) revert ScreeningIsCancelled(screening);
        if (s.sequence != sequence) revert WrongSequence(screening, s.sequence, sequence);
        if (lines.length != references.length) revert WrongReferences(lines.length, references.length);
        uint256 sold = s.sold + lines.length;
        if (sold > s.capacity) revert SoldOut(screening, s.capacity, sold);

        _sales[screening].sold = uint24(sold);
        _sales[screening].sequence = sequence + 1;
        for (uint256 i; i < lines.length; ++i) {
            Tier storage tier = _tier(screening, uint8(lines[i] >> 176));
            if (!tier.sold) tier.sold = true;
            _takeSeat(screening, s.seated, s.capacity, uint16(lines[i] >> 160));
        }

        Terms memory terms = Terms({
            consent: bylaws == 0 ? Consent.None : Consent.Attested,
            bylaws: bylaws,
            attestation: attestation,
            paidOnChain: false,
            nonTransferable: s.nonTransferable
        });
        firstTicketId = ledger.issue(screening, lines, terms);
        // The ledger gives the ids, so this event alone comes after calling out.
        emit Sold(screening, sequence, firstTicketId, attestation, references);
    }

    /* VIEWS */

    /// @inheritdoc IBoxOffice
    function filmCount() external view returns (uint32) {
        return uint32(_films.length);
    }

    /// @inheritdoc IBoxOffice
    function film(uint32 id) external view returns (Film memory) {
        if (id == 0 || id > _films.length) revert UnknownFilm(id);
        return _films[id - 1];
    }

    /// @inheritdoc IBoxOffice
    function sale(uint32 screening) external view returns (Sale memory) {
        return _sale(screening);
    }
}
