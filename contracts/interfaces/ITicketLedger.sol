// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatures} from "./ISignatures.sol";

/// @notice What a member may do. Identity is checked off-chain; only full members vote.
enum Standing {
    None,
    Associate,
    Full
}

/// @notice How the register knows that the person wanted to join.
/// @custom:member Signed the ledger itself saw the holder's transaction or signature
/// @custom:member Purchased the box office says that it was the buyer's own transaction
/// @custom:member Attested it was given on paper or a form, which the reference names
enum Consent {
    None,
    Signed,
    Purchased,
    Attested
}

/// @notice Why a record was closed.
enum Cause {
    None,
    Left,
    Expelled,
    Deceased,
    Moved,
    Annulled
}

/// @notice The kinds of event that the register's hash chain covers.
enum RegisterKind {
    None,
    Joined,
    Left,
    StandingSet,
    Moved,
    BylawsSet
}

/// @notice How a membership came to its new account.
enum MoveKind {
    None,
    Delayed,
    Contested,
    Agreed
}

/// @notice Where a move stands.
enum MoveState {
    None,
    Proposed,
    Vetoed,
    Contested
}

/// @notice Why the gate could not redeem a ticket.
enum Refusal {
    None,
    NotOfThisScreening,
    Void,
    AlreadyRedeemed
}

/// @notice One entry of the register. Open while `leftAt` is zero.
struct Record {
    address account;
    uint40 joinedAt;
    uint40 leftAt;
    Standing standing;
    Consent consent;
    Cause cause;
}

/// @notice How a record hangs together with others. Zero stands for "none".
/// @custom:member previous the account's own record before this one
/// @custom:member movedFrom the record, of another account, that a move closed in favour of this one
/// @custom:member origin the first record of the chain of moves that this one belongs to
struct Link {
    uint32 previous;
    uint32 movedFrom;
    uint32 origin;
}

/// @notice A pending move of a record to another account.
struct Move {
    address to;
    uint40 readyAt;
    MoveState state;
}

/// @notice A screening as the ledger knows it. Times are seconds since 1970 UTC.
struct Screening {
    address issuer;
    uint40 startsAt;
    uint40 endsAt;
}

/// @notice A ticket, unpacked.
/// @custom:member member the record that this ticket carries; zero while it carries none
struct Ticket {
    address owner;
    uint32 screening;
    uint16 seat;
    uint8 tier;
    uint32 member;
    bool redeemed;
    bool isVoid;
    bool nonTransferable;
    bool paidOnChain;
}

/// @notice What a batch of tickets has in common.
/// @custom:member consent how those lines that join consented; `None` if no line may join
/// @custom:member bylaws the version of the by-laws that they consented to
/// @custom:member attestation keyed hash of the paper or form, required for `Attested`
struct Terms {
    Consent consent;
    uint32 bylaws;
    bytes16 attestation;
    bool paidOnChain;
    bool nonTransferable;
}

/// @title ITicketLedger
/// @notice Film tickets that double as membership of a cooperative, and the cooperative's register.
///
/// A ticket is an ERC-721 token. The ticket by which an account joins becomes its membership card
/// and is locked for good; every other ticket can be given away until it is bound, redeemed or void.
/// The register is an append-only list of records, numbered from 1, under a hash chain: whoever
/// holds the events can prove them complete against `registerHead` and `eventCount`.
///
/// The hash chain starts at `keccak256(abi.encode("coopledger/register/1", chainid, ledger))`; each
/// event makes the head `keccak256(abi.encode(head, kind, number, account, ticketId, argument, timestamp))`.
/// The argument packs, from the lowest bit:
/// - Joined: consent 8, bylaws 32, consentedAt 40, previous 32, (16 empty), attestation 128
/// - Left: cause 8, (120 empty), document 128
/// - StandingSet: standing 8, (120 empty), document 128; ticketId is zero
/// - Moved: old number 32, move kind 8; number and account are the new ones
/// - BylawsSet: the hash of the by-laws; number is the version, account and ticketId are zero
interface ITicketLedger is ISignatures {
    /* ERRORS */

    /// @notice The screening does not exist.
    error UnknownScreening(uint32 screening);
    /// @notice Only the contract that opened the screening may do this.
    error NotTheIssuer(uint32 screening, address issuer, address caller);
    /// @notice A screening ends after it starts, and its times may only move later.
    error BadScreeningTimes(uint40 startsAt, uint40 endsAt);
    /// @notice The line's unused bits are set.
    error BadLine(uint256 index, uint256 line);
    /// @notice The ticket does not belong to this screening.
    error NotOfThisScreening(uint256 ticketId, uint32 screening);
    /// @notice The ticket is void.
    error TicketIsVoid(uint256 ticketId);
    /// @notice The ticket is not redeemed.
    error TicketNotRedeemed(uint256 ticketId);
    /// @notice The ticket cannot change owner any more.
    error TicketLocked(uint256 ticketId);
    /// @notice The ticket already carries a membership.
    error TicketBound(uint256 ticketId, uint32 member);
    /// @notice The ticket belongs to somebody else.
    error NotTheHolder(uint256 ticketId, address holder, address caller);
    /// @notice Tickets of this screening are redeemed between these two times only.
    error OutsideGateHours(uint32 screening, uint256 opensAt, uint256 closesAt);
    /// @notice The ledger takes no money.
    error ValueNotAccepted();
    /// @notice The account has an open membership already.
    error AlreadyMember(address account, uint32 number);
    /// @notice The account has no open membership.
    error NotAMember(address account);
    /// @notice No record has this number.
    error UnknownMember(uint32 number);
    /// @notice The record is closed.
    error MembershipClosed(uint32 number, Cause cause);
    /// @notice The by-laws have no such version, or a newer one is in force.
    error WrongBylaws(uint32 given, uint32 current);
    /// @notice By-laws need a hash.
    error EmptyBylaws();
    /// @notice A consent names the day it was given: not zero, not in the future.
    error BadConsentTime(uint40 consentedAt, uint256 timestamp);
    /// @notice This kind of consent cannot be recorded in this way.
    error BadConsent(Consent consent);
    /// @notice An attested consent names its paper or form.
    error AttestationMissing();
    /// @notice A record is not closed in this way for this cause.
    error BadCause(Cause cause);
    /// @notice A member is associate or full.
    error BadStanding(Standing standing);
    /// @notice The member has this standing already.
    error StandingUnchanged(uint32 number, Standing standing);
    /// @notice The question is about a time that has not passed.
    error TimeNotPast(uint256 time, uint256 timestamp);
    /// @notice The move is not in a state that allows this.
    error WrongMoveState(uint32 number, MoveState state);
    /// @notice The move cannot be accepted yet.
    error MoveNotReady(uint32 number, uint40 readyAt);
    /// @notice A membership moves to another account, which is not the zero address.
    error BadMoveTarget(address to);
    /// @notice Only the account that is to lose the membership may veto.
    error NotTheOldKey(uint32 number, address account, address caller);
    /// @notice Only the account that the move leads to may accept it.
    error NotTheMoveTarget(uint32 number, address to, address caller);
    /// @notice A contested move has frozen the account.
    error AccountFrozen(address account);

    /* EVENTS */

    /// @notice A screening was opened; `issuer` alone issues and voids its tickets.
    event ScreeningOpened(uint32 indexed screening, address indexed issuer, uint40 startsAt, uint40 endsAt);
    /// @notice A screening was put off.
    event ScreeningPostponed(uint32 indexed screening, uint40 startsAt, uint40 endsAt);
    /// @notice The gate let in the bearers of these tickets.
    event Redeemed(uint32 indexed screening, uint256[] ticketIds);
    /// @notice The gate tried a ticket that could not be redeemed.
    event RedeemRefused(uint32 indexed screening, uint256 indexed ticketId, Refusal reason);
    /// @notice The box office took a redemption back.
    event Unredeemed(uint32 indexed screening, uint256 indexed ticketId);
    /// @notice The issuer voided these tickets.
    event Voided(uint32 indexed screening, uint256[] ticketIds);

    /// @notice An account joined. `timestamp` is the block's time, `consentedAt` the day of the consent.
    event Joined(
        uint32 indexed number,
        address indexed account,
        uint256 ticketId,
        Consent consent,
        uint32 bylaws,
        uint40 consentedAt,
        uint32 previous,
        bytes16 attestation,
        uint40 timestamp,
        bytes32 head
    );
    /// @notice A record was closed, by a move too if the cause is not `Moved`.
    event Left(
        uint32 indexed number,
        address indexed account,
        uint256 ticketId,
        Cause cause,
        bytes16 document,
        uint40 timestamp,
        bytes32 head
    );
    /// @notice The registrar set a member's standing.
    event StandingSet(
        uint32 indexed number,
        address indexed account,
        Standing standing,
        bytes16 document,
        uint40 timestamp,
        bytes32 head
    );
    /// @notice A membership moved: record `oldNumber` closed, record `number` opened.
    event Moved(
        uint32 indexed number,
        address indexed account,
        uint32 indexed oldNumber,
        uint256 ticketId,
        MoveKind kind,
        uint40 timestamp,
        bytes32 head
    );
    /// @notice The board recorded a version of the by-laws.
    event BylawsSet(uint32 indexed version, bytes32 hash, uint40 timestamp, bytes32 head);

    /// @notice A move was proposed; it can be accepted from `readyAt` unless it is vetoed.
    event MoveProposed(uint32 indexed number, address indexed to, uint40 readyAt);
    /// @notice The old key said no.
    event MoveVetoed(uint32 indexed number);
    /// @notice The board opened a contested move: no veto, and the old key is frozen.
    event MoveContested(uint32 indexed number, address indexed to, uint40 readyAt);
    /// @notice The guardian stopped a move.
    event MoveCancelled(uint32 indexed number);

    /* SCREENINGS AND TICKETS */

    /// @notice Opens a screening whose issuer is the caller. Role MINTER.
    function openScreening(uint40 startsAt, uint40 endsAt) external returns (uint32 screening);

    /// @notice Puts a screening off. Only its issuer.
    function postponeScreening(uint32 screening, uint40 startsAt, uint40 endsAt) external;

    /// @notice Issues one ticket a line. Role MINTER, and only the screening's issuer.
    /// @param lines packed from the lowest bit: account 160, seat 16, tier 8, joins 8, consentedAt 40
    /// @return first the id of the first ticket; the others follow in the order of the lines
    /// @dev A line that joins founds no second membership: under `Attested` terms its ticket of an
    /// account that is a member stays unbound, under `Purchased` terms the call reverts.
    function issue(uint32 screening, uint256[] calldata lines, Terms calldata terms)
        external
        returns (uint256 first);

    /// @notice Voids tickets. Only the screening's issuer. A card stays a card.
    function void(uint32 screening, uint256[] calldata ticketIds) external;

    /// @notice Lets the bearers in, from 12 h before the start to 12 h after the end. Role GATE.
    /// A ticket that cannot be redeemed is skipped and logged.
    function redeem(uint32 screening, uint256[] calldata ticketIds) external;

    /// @notice Takes a redemption back, until the end of the screening. Role BOX_OFFICE.
    function unredeem(uint32 screening, uint256 ticketId) external;

    /// @notice Gives a ticket to somebody. They are not enrolled by it.
    function give(uint256 ticketId, address to) external;

    /// @notice `give`, signed by the holder and sent by anybody.
    function giveBySig(uint256 ticketId, address to, uint256 deadline, bytes calldata signature) external;

    /* MEMBERSHIP */

    /// @notice Joins with a ticket of the caller's, under the by-laws in force.
    function join(uint256 ticketId, uint32 bylaws) external returns (uint32 number);

    /// @notice `join`, signed by the holder and sent by anybody.
    function joinBySig(
        address account,
        uint256 ticketId,
        uint32 bylaws,
        uint40 consentedAt,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint32 number);

    /// @notice Enrols the holder of a ticket whose consent was given on paper. Role REGISTRAR.
    function enrol(uint256 ticketId, uint32 bylaws, uint40 consentedAt, bytes16 attestation)
        external
        returns (uint32 number);

    /// @notice Closes the caller's membership.
    function leave() external;

    /// @notice `leave`, signed by the member and sent by anybody.
    function leaveBySig(uint32 number, uint256 deadline, bytes calldata signature) external;

    /// @notice Makes a member associate or full. Role REGISTRAR.
    function setStanding(uint32 number, Standing standing, bytes16 document) external;

    /// @notice Closes a record as expelled, deceased or annulled. Role CLOSING.
    /// An annulled entry was made in error: it stays visible, its ticket is unbound.
    function close(uint32 number, Cause cause, bytes16 document) external;

    /// @notice Records the next version of the by-laws. Role BOARD.
    function setBylaws(bytes32 hash) external returns (uint32 version);

    /// @notice Sets where metadata is read. Role BOARD.
    function setBaseURI(string calldata uri) external;

    /* MOVES */

    /// @notice Proposes to move a membership to another account, in 7 days. Role RECOVERY.
    function proposeMove(uint32 number, address to) external;

    /// @notice Says no to a proposed move of the caller's membership.
    function vetoMove(uint32 number) external;

    /// @notice `vetoMove`, signed by the old key and sent by anybody.
    function vetoMoveBySig(uint32 number, uint256 deadline, bytes calldata signature) external;

    /// @notice Opens a contested move after a veto: 30 days, no veto, the old key frozen. Role BOARD.
    function contestMove(uint32 number, address to) external;

    /// @notice Stops a move, or clears a veto. Role GUARDIAN.
    function cancelMove(uint32 number) external;

    /// @notice Accepts a move that leads to the caller.
    /// @param ticketIds the old account's other tickets to take along; one that is redeemed, void, a card
    /// or no longer there stays where it is
    function acceptMove(uint32 number, uint256[] calldata ticketIds) external returns (uint32 newNumber);

    /// @notice `acceptMove`, signed by the new key and sent by anybody.
    function acceptMoveBySig(
        uint32 number,
        uint256[] calldata ticketIds,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint32 newNumber);

    /// @notice Moves at once, with both keys' signatures. Role REGISTRAR.
    function moveNow(
        uint32 number,
        address to,
        uint256[] calldata ticketIds,
        uint256 deadline,
        bytes calldata oldSignature,
        bytes calldata newSignature
    ) external returns (uint32 newNumber);

    /* VIEWS: NOW */

    /// @notice The head of the register's hash chain.
    function registerHead() external view returns (bytes32);
    /// @notice How many events the hash chain covers.
    function eventCount() external view returns (uint64);
    /// @notice How many records there are, open and closed.
    function memberCount() external view returns (uint32);
    /// @notice How many records are open.
    function activeCount() external view returns (uint32);
    /// @notice How many tickets were ever issued; the newest ticket's id.
    function ticketCount() external view returns (uint256);
    /// @notice How many screenings were ever opened; the newest screening's id.
    function screeningCount() external view returns (uint32);
    /// @notice The version of the by-laws in force; zero if none was recorded.
    function bylawsVersion() external view returns (uint32);
    /// @notice The hash of a version of the by-laws.
    function bylawsHash(uint32 version) external view returns (bytes32);
    /// @notice Up to `count` records from number `start` on, one word each, from the lowest bit:
    /// account 160, joinedAt 40, leftAt 40 (zero while open), standing 8, consent 4, cause 4.
    function members(uint32 start, uint32 count) external view returns (uint256[] memory words);
    /// @notice One record, packed like those of `members`.
    function member(uint32 number) external view returns (uint256 word);
    /// @notice When the `index`-th record to be closed was closed, from 0, in the order of closing.
    function exitAt(uint256 index) external view returns (uint40);
    /// @notice How a record hangs together with others.
    function linkOf(uint32 number) external view returns (Link memory);
    /// @notice The account's open membership; zero if it has none.
    function memberOf(address account) external view returns (uint32);
    /// @notice The account's newest record, open or closed; zero if it never had one.
    function latestMemberOf(address account) external view returns (uint32);
    /// @notice The membership card of the account: a ticket id; zero if it is not a member.
    function ticketOf(address account) external view returns (uint256);
    /// @notice A ticket in one word, from the lowest bit: owner 160, screening 32, seat 16, member 32
    /// (the record that it carries), tier 8, flags 8 (1 redeemed, 2 void, 4 non-transferable, 8 paid
    /// on chain).
    function ticket(uint256 ticketId) external view returns (uint256 word);
    /// @notice A screening; its issuer is zero if it does not exist.
    function screening(uint32 id) external view returns (Screening memory);
    /// @notice The pending move of a record.
    function moveOf(uint32 number) external view returns (Move memory);
    /// @notice Whether a contested move has frozen the account.
    function isFrozen(address account) external view returns (bool);
    /// @notice Where contract metadata is read (ERC-7572).
    function contractURI() external view returns (string memory);

    /* VIEWS: THEN. Reverts unless `time` has passed. `ITicketLens` has the others. */

    /// @notice How many full members there were at a time.
    function votersAt(uint256 time) external view returns (uint256);
    /// @notice The standing of a record at a time; `None` if it was not open.
    function standingAt(uint32 number, uint256 time) external view returns (Standing);
}
