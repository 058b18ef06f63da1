// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBoxOffice, Sale, Tier, Till} from "../interfaces/IBoxOffice.sol";
import {Cause, Ticket} from "../interfaces/ITicketLedger.sol";
import {RecordWord} from "../ledger/RecordWord.sol";
import {TicketWord} from "../ledger/TicketWord.sol";
import {Signatures} from "../signing/Signatures.sol";
import {Programme} from "./Programme.sol";

/// @title Cashier
/// @notice The box office's money: what was paid on the chain, and whose it is.
///
/// A price is two things, and each screening's till keeps them apart: the deposit, which is a
/// member's or may yet become one's, and the takings. Refunds come out of both, the treasurer's
/// withdrawal out of takings alone, and only when nothing of them can be claimed back any more.
abstract contract Cashier is Programme, Signatures, ReentrancyGuardTransient {
    using RecordWord for uint256;
    using SafeERC20 for IERC20;

    enum DepositState {
        None,
        Withheld,
        Returned
    }

    bytes32 private constant REFUND_TYPEHASH = keccak256("Refund(uint256[] ticketIds,uint256 deadline)");

    /// @inheritdoc IBoxOffice
    address public immutable currency;

    mapping(uint32 screening => Till) internal _tills;
    mapping(uint256 ticketId => DepositState) private _deposits;

    constructor(address currency_) {
        currency = currency_;
    }

    /* TICKETS THAT COME BACK */

    /// @inheritdoc IBoxOffice
    function refund(uint256[] calldata ticketIds) external nonReentrant {
        for (uint256 i; i < ticketIds.length; ++i) {
            _refund(ticketIds[i], msg.sender);
        }
    }

    /// @inheritdoc IBoxOffice
    function refundBySig(
        address holder,
        uint256[] calldata ticketIds,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant {
        bytes32 idsHash = keccak256(abi.encodePacked(ticketIds));
        bytes32 structHash = keccak256(abi.encode(REFUND_TYPEHASH, idsHash, deadline));
        _requireSigned(holder, structHash, deadline, signature);
        for (uint256 i; i < ticketIds.length; ++i) {
            _refund(ticketIds[i], holder);
        }
    }

    /// @inheritdoc IBoxOffice
    function void(uint32 screening, uint256[] calldata ticketIds, bytes16 document) external restricted {
        _sale(screening);
        uint16[] memory seats = new uint16[](ticketIds.length);
        for (uint256 i; i < ticketIds.length; ++i) {
            Ticket memory t = TicketWord.unpack(ledger.ticket(ticketIds[i]));
            if (t.screening != screening) revert NotSoldHere(ticketIds[i]);
            if (t.paidOnChain) revert PaidOnChain(ticketIds[i]);
            if (t.redeemed) revert TicketUsed(ticketIds[i]);
            seats[i] = t.seat;
        }
        // Before the places are freed: the ledger names a ticket that is void, or stands there twice.
        ledger.void(screening, ticketIds);
        for (uint256 i; i < seats.length; ++i) {
            _freePlace(screening, seats[i]);
        }
        emit TicketsVoided(screening, document, ticketIds);
    }

    /* THE COOPERATIVE'S MONEY */

    /// @inheritdoc IBoxOffice
    function withdraw(uint32 screening, address to) external restricted nonReentrant returns (uint256 amount) {
        Sale storage s = _sale(screening);
        if (to == address(0)) revert NoRecipient();
        if (s.cancelled) revert ScreeningIsCancelled(screening);
        uint256 settledAt = _settledAt(screening);
        if (block.timestamp < settledAt) revert TooEarly(screening, settledAt);

        amount = _tills[screening].takings;
        _tills[screening].takings = 0;

        emit Withdrawn(screening, to, amount);
        _pay(to, amount);
    }

    /* DEPOSITS */

    /// @inheritdoc IBoxOffice
    function returnDeposit(uint256 ticketId) external nonReentrant {
        Ticket memory t = TicketWord.unpack(ledger.ticket(ticketId));
        address to = t.owner;
        if (t.member == 0) {
            // The entry was annulled after a refund that had withheld the deposit.
            if (_deposits[ticketId] != DepositState.Withheld) revert NoDepositDue(ticketId, Cause.None);
        } else {
            uint256 record = ledger.member(t.member);
            Cause cause = record.cause();
            if (cause != Cause.Left && cause != Cause.Expelled) revert NoDepositDue(ticketId, cause);
            to = record.account();
        }
        _returnDeposit(t, ticketId, to, 0);
    }

    /// @inheritdoc IBoxOffice
    function returnDepositTo(uint256 ticketId, address heir, bytes16 document)
        external
        restricted
        nonReentrant
    {
        if (heir == address(0)) revert NoRecipient();
        Ticket memory t = TicketWord.unpack(ledger.ticket(ticketId));
        Cause cause = t.member == 0 ? Cause.None : ledger.member(t.member).cause();
        if (cause != Cause.Deceased) revert NoDepositDue(ticketId, cause);
        _returnDeposit(t, ticketId, heir, document);
    }

    /// @inheritdoc IBoxOffice
    function recordDepositReturn(uint256 ticketId, bytes16 document) external restricted {
        Ticket memory t = TicketWord.unpack(ledger.ticket(ticketId));
        if (t.paidOnChain) revert PaidOnChain(ticketId);
        uint256 record = t.member == 0 ? 0 : ledger.member(t.member);
        bool due = t.member != 0 && !record.isOpen();
        if (!due) revert NoDepositDue(ticketId, record.cause());
        uint256 amount = _settleDeposit(t, ticketId);
        emit DepositReturned(t.member, ticketId, record.account(), amount, false, document);
    }

    /* VIEWS */

    /// @inheritdoc IBoxOffice
    function till(uint32 screening) external view returns (Till memory) {
        return _tills[screening];
    }

    /// @inheritdoc IBoxOffice
    function held(uint32 screening)
        external
        view
        returns (uint256 refundable, uint256 deposits, uint256 free)
    {
        bool settled = !_sale(screening).cancelled && block.timestamp >= _settledAt(screening);
        Till memory t = _tills[screening];
        deposits = t.deposits;
        if (settled) free = t.takings;
        else refundable = t.takings;
    }

    /* INTERNAL */

    function _refund(uint256 ticketId, address caller) private {
        Ticket memory t = TicketWord.unpack(ledger.ticket(ticketId));
        uint32 screening = t.screening;
        Sale storage s = _sales[screening];
        if (s.film == 0) revert NotSoldHere(ticketId);
        if (!t.paidOnChain) revert NotPaidOnChain(ticketId);
        if (t.isVoid) revert TicketIsVoid(ticketId);
        if (!s.cancelled) {
            if (t.owner != caller) revert NotTheHolder(ticketId, t.owner, caller);
            if (t.redeemed) revert TicketUsed(ticketId);
            if (block.timestamp > s.refundableUntil) revert TooLate(screening, s.refundableUntil);
        }
        if (ledger.isFrozen(t.owner)) revert AccountFrozen(t.owner);

        Tier storage tier = _tiers[screening][t.tier];
        uint96 deposit = tier.deposit;
        uint256 amount = tier.price - deposit;
        _tills[screening].takings -= uint128(amount);
        if (t.member == 0) {
            _tills[screening].deposits -= deposit;
            amount += deposit;
        } else if (_deposits[ticketId] == DepositState.None) {
            _deposits[ticketId] = DepositState.Withheld;
        }
        _freePlace(screening, t.seat);

        emit Refunded(screening, ticketId, t.owner, amount);
        uint256[] memory ids = new uint256[](1);
        ids[0] = ticketId;
        ledger.void(screening, ids);
        _pay(t.owner, amount);
    }

    function _returnDeposit(Ticket memory t, uint256 ticketId, address to, bytes16 document) private {
        if (!t.paidOnChain) revert NotPaidOnChain(ticketId);
        uint256 amount = _settleDeposit(t, ticketId);
        _tills[t.screening].deposits -= uint128(amount);

        emit DepositReturned(t.member, ticketId, to, amount, true, document);
        _pay(to, amount);
    }

    function _settleDeposit(Ticket memory t, uint256 ticketId) private returns (uint256) {
        if (_sales[t.screening].film == 0) revert NotSoldHere(ticketId);
        if (_deposits[ticketId] == DepositState.Returned) revert DepositReturnedBefore(ticketId);
        _deposits[ticketId] = DepositState.Returned;
        return _tiers[t.screening][t.tier].deposit;
    }

    /// @dev Takes the price from the caller; what arrives must be the price.
    function _collect(uint256 price) internal {
        if (currency == address(0)) {
            if (msg.value != price) revert WrongPayment(msg.value, price);
            return;
        }
        if (msg.value != 0) revert WrongPayment(msg.value, 0);
        uint256 before = IERC20(currency).balanceOf(address(this));
        IERC20(currency).safeTransferFrom(msg.sender, address(this), price);
        uint256 paid = IERC20(currency).balanceOf(address(this)) - before;
        if (paid != price) revert WrongPayment(paid, price);
    }

    function _pay(address to, uint256 amount) private {
        if (amount == 0) return;
        if (currency == address(0)) Address.sendValue(payable(to), amount);
        else IERC20(currency).safeTransfer(to, amount);
    }
}
