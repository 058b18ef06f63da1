// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {Cause, Consent, ITicketLedger, Screening, Standing, Terms} from "./interfaces/ITicketLedger.sol";
import {Moves} from "./ledger/Moves.sol";
import {RecordWord} from "./ledger/RecordWord.sol";
import {TicketWord} from "./ledger/TicketWord.sol";

/// @title TicketLedger
/// @notice The cooperative's ledger: tickets that double as membership. It is permanent; what may
/// change, the sale of tickets, is another contract with the role MINTER.
contract TicketLedger is Moves {
    using RecordWord for uint256;
    using TicketWord for uint96;

    bytes32 private constant GIVE_TYPEHASH = keccak256("Give(uint256 ticketId,address to,uint256 deadline)");
    bytes32 private constant LEAVE_TYPEHASH = keccak256("Leave(uint32 number,uint256 deadline)");
    bytes32 private constant JOIN_TYPEHASH = keccak256(
        "Join(address account,uint256 ticketId,uint32 bylaws,uint32 previous,uint40 consentedAt,uint256 deadline)"
    );

    constructor(address manager) AccessManaged(manager) {}

    /* ISSUING */

    /// @inheritdoc ITicketLedger
    function openScreening(uint40 startsAt, uint40 endsAt) external restricted returns (uint32 id) {
        if (startsAt <= GATE_MARGIN || endsAt <= startsAt) revert BadScreeningTimes(startsAt, endsAt);

        id = ++_register().counters.screenings;
        _screenings[id] = Screening(msg.sender, startsAt, endsAt);

        emit ScreeningOpened(id, msg.sender, startsAt, endsAt);
    }

    /// @inheritdoc ITicketLedger
    function issue(uint32 id, uint256[] calldata lines, Terms calldata terms)
        external
        restricted
        returns (uint256 first)
    {
        _screeningOfCaller(id);
        if (terms.consent != Consent.None) _checkTerms(terms);
        uint8 flags = (terms.paidOnChain ? TicketWord.PAID_ON_CHAIN : 0)
            | (terms.nonTransferable ? TicketWord.NON_TRANSFERABLE : 0);

        Progress memory progress = _load();
        uint64 ticketId = progress.counters.tickets;
        first = ticketId + 1;
        for (uint256 i; i < lines.length; ++i) {
            uint256 line = lines[i];
            uint256 joins = uint8(line >> 184);
            if (line >> 232 != 0 || joins > 1) revert BadLine(i, line);
            address account = address(uint160(line));
            ++ticketId;
            uint96 word = TicketWord.pack(id, uint16(line >> 160), uint8(line >> 176), flags);
            if (joins == 1) {
                uint32 number = _enrolBuyer(progress, account, ticketId, uint40(line >> 192), terms);
                word = word.withMember(number);
            }
            _mintAndSetExtraDataUnchecked(account, ticketId, word);
            if (word.isLocked()) emit Locked(ticketId);
        }
        progress.counters.tickets = ticketId;
        _store(progress);
    }

    /* GIVING */

    /// @inheritdoc ITicketLedger
    function give(uint256 ticketId, address to) external {
        _requireHolder(ticketId, msg.sender);
        _transfer(msg.sender, to, ticketId);
    }

    /// @inheritdoc ITicketLedger
    function giveBySig(uint256 ticketId, address to, uint256 deadline, bytes calldata signature) external {
        address holder = ownerOf(ticketId);
        bytes32 structHash = keccak256(abi.encode(GIVE_TYPEHASH, ticketId, to, deadline));
        _useSignature(holder, structHash, deadline, signature);
        _transfer(holder, to, ticketId);
    }

    /* JOINING AND LEAVING */

    /// @inheritdoc ITicketLedger
    function join(uint256 ticketId, uint32 bylaws) external returns (uint32) {
        _requireBylaws(bylaws, true);
        _requireHolder(ticketId, msg.sender);
        return _join(msg.sender, ticketId, Consent.Signed, bylaws, uint40(block.timestamp), 0);
    }

    /// @inheritdoc ITicketLedger
    function joinBySig(
        address account,
        uint256 ticketId,
        uint32 bylaws,
        uint40 consentedAt,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint32) {
        bytes32 structHash = keccak256(
            abi.encode(
                JOIN_TYPEHASH, account, ticketId, bylaws, latestMemberOf(account), consentedAt, deadline
            )
        );
        _requireSigned(account, structHash, deadline, signature);
        _requireBylaws(bylaws, true);
        _requireHolder(ticketId, account);
        return _join(account, ticketId, Consent.Signed, bylaws, consentedAt, 0);
    }

    /// @inheritdoc ITicketLedger
    function enrol(uint256 ticketId, uint32 bylaws, uint40 consentedAt, bytes16 attestation)
        external
        restricted
        returns (uint32)
    {
        _requireBylaws(bylaws, false);
        if (attestation == 0) revert AttestationMissing();
        return _join(ownerOf(ticketId), ticketId, Consent.Attested, bylaws, consentedAt, attestation);
    }

    /// @inheritdoc ITicketLedger
    function leave() external {
        uint32 number = memberOf(msg.sender);
        if (number == 0) revert NotAMember(msg.sender);
        _leaveWillingly(number, msg.sender);
    }

    /// @inheritdoc ITicketLedger
    function leaveBySig(uint32 number, uint256 deadline, bytes calldata signature) external {
        address account = _openRecord(number).account();
        bytes32 structHash = keccak256(abi.encode(LEAVE_TYPEHASH, number, deadline));
        _requireSigned(account, structHash, deadline, signature);
        _leaveWillingly(number, account);
    }

    /* THE BOARD AND THE REGISTRAR */

    /// @inheritdoc ITicketLedger
    function setStanding(uint32 number, Standing standing, bytes16 document) external restricted {
        if (standing == Standing.None) revert BadStanding(standing);
        if (_openRecord(number).standing() == standing) revert StandingUnchanged(number, standing);
        _changeStanding(number, standing, document);
    }

    /// @inheritdoc ITicketLedger
    function close(uint32 number, Cause cause, bytes16 document) external restricted {
        if (cause != Cause.Expelled && cause != Cause.Deceased && cause != Cause.Annulled) {
            revert BadCause(cause);
        }
        (, uint256 card) = _latest(_openRecord(number).account());
        _dropMove(number);
        _leave(number, cause, document);

        if (cause == Cause.Annulled) {
            uint96 word = _getExtraData(card).withMember(0);
            _setExtraData(card, word);
            // An approval from before the ticket was a card must not come back to life.
            _approve(address(0), card);
            if (!word.isLocked()) emit Unlocked(card);
        }
    }

    /// @inheritdoc ITicketLedger
    function setBylaws(bytes32 hash) external restricted returns (uint32) {
        if (hash == 0) revert EmptyBylaws();
        return _appendBylaws(hash);
    }

    /* INTERNAL */

    function _checkTerms(Terms calldata terms) private view {
        if (terms.consent == Consent.Signed) revert BadConsent(terms.consent);
        bool attested = terms.consent == Consent.Attested;
        _requireBylaws(terms.bylaws, !attested);
        if (attested && terms.attestation == 0) revert AttestationMissing();
    }

    /// @return the new record, or zero where the account is a member already
    function _enrolBuyer(
        Progress memory progress,
        address account,
        uint256 ticketId,
        uint40 consentedAt,
        Terms calldata terms
    ) private returns (uint32) {
        if (terms.consent == Consent.None) revert BadConsent(terms.consent);
        _requireConsentTime(consentedAt);
        uint32 previous = latestMemberOf(account);
        if (previous != 0 && _record(previous).isOpen()) {
            if (terms.consent == Consent.Purchased) revert AlreadyMember(account, previous);
            return 0;
        }
        return _enrol(
            progress,
            account,
            previous,
            ticketId,
            terms.consent,
            terms.bylaws,
            consentedAt,
            terms.attestation
        );
    }

    function _join(
        address account,
        uint256 ticketId,
        Consent consent,
        uint32 bylaws,
        uint40 consentedAt,
        bytes16 attestation
    ) private returns (uint32 number) {
        _requireNotMember(account);
        _requireConsentTime(consentedAt);
        uint96 word = _getExtraData(ticketId);
        if (word.has(TicketWord.VOID)) revert TicketIsVoid(ticketId);
        if (word.member() != 0) revert TicketBound(ticketId, word.member());

        Progress memory progress = _load();
        number = _enrol(
            progress,
            account,
            latestMemberOf(account),
            ticketId,
            consent,
            bylaws,
            consentedAt,
            attestation
        );
        _store(progress);
        _setExtraData(ticketId, word.withMember(number));
        if (!word.isLocked()) emit Locked(ticketId);
    }

    function _leaveWillingly(uint32 number, address account) private {
        if (isFrozen(account)) revert AccountFrozen(account);
        _dropMove(number);
        _leave(number, Cause.Left, 0);
    }

    function _requireHolder(uint256 ticketId, address account) private view {
        address holder = ownerOf(ticketId);
        if (holder != account) revert NotTheHolder(ticketId, holder, account);
    }

    function _requireConsentTime(uint40 consentedAt) private view {
        // Zero is "no day was given", which nobody else can bring about.
        // slither-disable-next-line incorrect-equality
        if (consentedAt == 0 || consentedAt > block.timestamp) {
            revert BadConsentTime(consentedAt, block.timestamp);
        }
    }
}
