// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatures} from "./ISignatures.sol";
import {Cause} from "./ITicketLedger.sol";

/// @notice A film, for the programme and the ticket's picture.
struct Film {
    string title;
    uint16 year;
    uint16 minutesLong;
}

/// @notice The sale of a screening's tickets, in one slot. Times are seconds since 1970 UTC.
/// @custom:member sequence how many batches were sold; the next batch must name it
/// @custom:member opensAt when buyers may begin to buy; `closesAt` is when they may no longer
/// @custom:member refundableUntil until when a holder may hand a ticket back
/// @custom:member seated whether each ticket names a seat from 1 to `capacity`
struct Sale {
    uint32 film;
    uint24 capacity;
    uint24 sold;
    uint32 sequence;
    uint40 opensAt;
    uint40 closesAt;
    uint40 refundableUntil;
    bool seated;
    bool nonTransferable;
    bool cancelled;
}

/// @notice A price class of a screening. Amounts in the currency's smallest unit.
/// @custom:member deposit the part of the price that is a member's principal deposit
/// @custom:member exists true of every tier that was set; ignored where a tier is given
/// @custom:member sold whether a ticket was sold, from when on the tier is fixed; ignored likewise
struct Tier {
    uint96 price;
    uint96 deposit;
    bool exists;
    bool sold;
    string name;
}

/// @notice What a screening is announced with.
struct Announcement {
    uint32 film;
    uint24 capacity;
    uint40 startsAt;
    uint40 endsAt;
    uint40 opensAt;
    uint40 closesAt;
    uint40 refundableUntil;
    bool seated;
    bool nonTransferable;
    string venue;
}

/// @notice What a buyer asks for.
/// @custom:member holder whose ticket it becomes; only the buyer's own purchase can join
/// @custom:member maxPrice the most that the buyer will pay
/// @custom:member bylaws the by-laws that the buyer consents to by joining; zero to not join
struct Purchase {
    uint32 screening;
    uint16 seat;
    uint8 tier;
    address holder;
    uint256 maxPrice;
    uint32 bylaws;
}

/// @notice An ERC-2612 permit for the price.
struct Permit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice The money of a screening that was paid on the chain and is still here.
/// @custom:member takings what the cooperative earned: prices without deposits
/// @custom:member deposits principal deposits, also of tickets that may yet found a membership
struct Till {
    uint128 takings;
    uint128 deposits;
}

/// @title IBoxOffice
/// @notice Sells tickets of a `TicketLedger`: for money on the chain, and in batches for money that
/// was paid outside. It can be replaced; the ledger cannot.
interface IBoxOffice is ISignatures {
    /* ERRORS */

    /// @notice The film does not exist.
    error UnknownFilm(uint32 film);
    /// @notice This box office does not sell the screening.
    error UnknownSale(uint32 screening);
    /// @notice The screening has no such tier.
    error UnknownTier(uint32 screening, uint8 tier);
    /// @notice The times, the capacity or the amounts do not fit together.
    error BadAnnouncement();
    /// @notice The deposit is more than the price.
    error BadTier(uint96 price, uint96 deposit);
    /// @notice Tickets of this tier were sold; it is fixed.
    error TierFixed(uint32 screening, uint8 tier);
    /// @notice A screening has at most 255 tiers.
    error TooManyTiers(uint32 screening);
    /// @notice The screening was cancelled.
    error ScreeningIsCancelled(uint32 screening);
    /// @notice It is too late for that.
    error TooLate(uint32 screening, uint256 until);
    /// @notice It is too early for that.
    error TooEarly(uint32 screening, uint256 from);
    /// @notice More tickets than there are places.
    error SoldOut(uint32 screening, uint24 capacity, uint256 wanted);
    /// @notice The seat has a ticket already.
    error SeatTaken(uint32 screening, uint16 seat);
    /// @notice The screening has no such seat, or no numbered seats.
    error BadSeat(uint32 screening, uint16 seat);
    /// @notice The price is above what the buyer agreed to.
    error PriceAbove(uint256 price, uint256 maxPrice);
    /// @notice The payment is not the price.
    error WrongPayment(uint256 paid, uint256 price);
    /// @notice Somebody else cannot consent for the holder.
    error ConsentNotOwn(address holder, address buyer);
    /// @notice Another batch was sold first: read the chain again, then send what is still missing.
    error WrongSequence(uint32 screening, uint32 expected, uint32 given);
    /// @notice Each line has one reference.
    error WrongReferences(uint256 lines, uint256 references);
    /// @notice The ticket was not sold here.
    error NotSoldHere(uint256 ticketId);
    /// @notice The ticket was not paid on the chain.
    error NotPaidOnChain(uint256 ticketId);
    /// @notice The ticket was paid on the chain: refund it instead.
    error PaidOnChain(uint256 ticketId);
    /// @notice The ticket is void.
    error TicketIsVoid(uint256 ticketId);
    /// @notice The ticket has been used.
    error TicketUsed(uint256 ticketId);
    /// @notice Until the screening is cancelled, only the holder can hand the ticket back.
    error NotTheHolder(uint256 ticketId, address holder, address caller);
    /// @notice A contested move has frozen the account.
    error AccountFrozen(address account);
    /// @notice The ticket carries no membership that has ended in a way that returns the deposit so.
    error NoDepositDue(uint256 ticketId, Cause cause);
    /// @notice The deposit was returned before.
    error DepositReturnedBefore(uint256 ticketId);
    /// @notice Money goes to somebody.
    error NoRecipient();

    /* EVENTS */

    event FilmAdded(uint32 indexed film, string title, uint16 year, uint16 minutesLong);
    event ScreeningAdded(uint32 indexed screening, uint32 indexed film, string venue);
    event TierSet(uint32 indexed screening, uint8 indexed tier, uint96 price, uint96 deposit, string name);
    /// @notice A ticket was bought on the chain.
    event Purchased(
        uint32 indexed screening, address indexed buyer, address indexed holder, uint256 ticketId, uint256 price
    );
    /// @notice Tickets `firstTicketId` and following were sold outside, one a reference.
    event Sold(
        uint32 indexed screening,
        uint32 indexed sequence,
        uint256 firstTicketId,
        bytes16 attestation,
        bytes32[] references
    );
    /// @notice Tickets that were sold outside were voided; `document` names why.
    event TicketsVoided(uint32 indexed screening, bytes16 indexed document, uint256[] ticketIds);
    event Refunded(uint32 indexed screening, uint256 indexed ticketId, address indexed holder, uint256 amount);
    event ScreeningCancelled(uint32 indexed screening);
    event ScreeningPostponed(uint32 indexed screening, uint40 refundableUntil);
    event Withdrawn(uint32 indexed screening, address indexed to, uint256 amount);
    /// @notice A principal deposit went back: on the chain if `onChain`, else outside of it.
    event DepositReturned(
        uint32 indexed number, uint256 indexed ticketId, address to, uint256 amount, bool onChain, bytes16 document
    );

    /* PROGRAMME */

    /// @notice Adds a film. Role BOX_OFFICE.
    function addFilm(string calldata title, uint16 year, uint16 minutesLong) external returns (uint32 film);

    /// @notice Announces a screening with its tiers. Role BOX_OFFICE.
    function addScreening(Announcement calldata announcement, Tier[] calldata tiers_)
        external
        returns (uint32 screening);

    /// @notice Adds a tier, or changes one of which nothing was sold. Role BOX_OFFICE.
    /// @param tier the tier's index; the number of tiers to add one
    function setTier(uint32 screening, uint8 tier, Tier calldata terms) external;

    /// @notice Cancels a screening; all its tickets become refundable. Role BOARD.
    function cancelScreening(uint32 screening) external;

    /// @notice Puts a screening off; its tickets are refundable until the new start. Role BOARD.
    function postpone(uint32 screening, uint40 startsAt, uint40 endsAt, uint40 closesAt) external;

    /* SALES */

    /// @notice Buys a ticket with the native coin, or with an allowance of the currency.
    function buy(Purchase calldata purchase) external payable returns (uint256 ticketId);

    /// @notice Buys a ticket with a permit. A permit that was spent already does no harm.
    function buyWithPermit(Purchase calldata purchase, Permit calldata permit)
        external
        returns (uint256 ticketId);

    /// @notice Issues tickets that were paid outside the chain. Role BOX_OFFICE.
    /// @param sequence the sale's sequence as last read: the same batch can never be sold twice
    /// @param lines packed as for `ITicketLedger.issue`
    /// @param references the keyed hash of each line's order position
    /// @param bylaws the version that those lines that join consented to
    /// @param attestation keyed hash of the paper or form that shows the consents
    function sell(
        uint32 screening,
        uint32 sequence,
        uint256[] calldata lines,
        bytes32[] calldata references,
        uint32 bylaws,
        bytes16 attestation
    ) external returns (uint256 firstTicketId);

    /// @notice Voids unused tickets that were sold outside. Role BOX_OFFICE.
    function void(uint32 screening, uint256[] calldata ticketIds, bytes16 document) external;

    /* MONEY */

    /// @notice Hands tickets back and pays their holders. The holder's own until `refundableUntil`;
    /// anybody's, used ones too, of a cancelled screening. A card's deposit is withheld.
    function refund(uint256[] calldata ticketIds) external;

    /// @notice `refund` of a holder's tickets, signed by the holder and sent by anybody.
    function refundBySig(
        address holder,
        uint256[] calldata ticketIds,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Pays out a screening's takings, from 48 h after its end. Role TREASURER.
    function withdraw(uint32 screening, address to) external returns (uint256 amount);

    /// @notice Returns the deposit of a member who left or was expelled. Anybody may call.
    function returnDeposit(uint256 ticketId) external;

    /// @notice Pays the deposit of a deceased member to the heir. Role TREASURER.
    function returnDepositTo(uint256 ticketId, address heir, bytes16 document) external;

    /// @notice Records that a deposit that was paid outside was returned outside. Role TREASURER.
    function recordDepositReturn(uint256 ticketId, bytes16 document) external;

    /* VIEWS */

    /// @notice The ERC-20 that buyers pay in; zero for the native coin.
    function currency() external view returns (address);
    function filmCount() external view returns (uint32);
    function film(uint32 id) external view returns (Film memory);
    function sale(uint32 screening) external view returns (Sale memory);
    function venue(uint32 screening) external view returns (string memory);
    function tiers(uint32 screening) external view returns (Tier[] memory);
    function seatTaken(uint32 screening, uint16 seat) external view returns (bool);
    function till(uint32 screening) external view returns (Till memory);
    /// @notice What of a screening's money is held for whom; the three add up to its till.
    /// @return refundable takings that holders may still claim back, or could if it were cancelled
    /// @return deposits what is held for members, and for tickets that may yet found a membership
    /// @return free what the treasurer may withdraw now
    function held(uint32 screening)
        external
        view
        returns (uint256 refundable, uint256 deposits, uint256 free);
}
