// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC721} from "solady/src/tokens/ERC721.sol";
import {LibString} from "solady/src/utils/LibString.sol";

import {IERC5192} from "../interfaces/IERC5192.sol";
import {ITicketLedger, Refusal, Screening} from "../interfaces/ITicketLedger.sol";
import {TicketWord} from "./TicketWord.sol";

/// @title Tickets
/// @notice The ERC-721 side of the ledger: screenings, the door, and the lock.
///
/// Every way in which a token can change owner passes `_beforeTokenTransfer`; that is the lock.
abstract contract Tickets is ITicketLedger, IERC5192, ERC721, AccessManaged {
    using TicketWord for uint96;

    /// @notice The gate is open from this long before the start to this long after the end.
    uint256 public constant GATE_MARGIN = 12 hours;

    /// @dev ERC-4906, and ERC-7572 for the contract as a whole.
    event MetadataUpdate(uint256 tokenId);
    event BatchMetadataUpdate(uint256 fromTokenId, uint256 toTokenId);
    event ContractURIUpdated();

    mapping(uint32 id => Screening) internal _screenings;
    string private _baseURI;

    /// @dev True within a finished move alone: the one thing that moves a locked ticket.
    bool internal transient _moving;

    /* SCREENINGS */

    /// @inheritdoc ITicketLedger
    function postponeScreening(uint32 id, uint40 startsAt, uint40 endsAt) external {
        Screening storage s = _screeningOfCaller(id);
        bool earlier = startsAt < s.startsAt || endsAt < s.endsAt;
        if (earlier || endsAt <= startsAt) revert BadScreeningTimes(startsAt, endsAt);

        s.startsAt = startsAt;
        s.endsAt = endsAt;

        emit ScreeningPostponed(id, startsAt, endsAt);
    }

    /// @inheritdoc ITicketLedger
    function screening(uint32 id) external view returns (Screening memory) {
        return _screenings[id];
    }

    /* THE DOOR */

    /// @inheritdoc ITicketLedger
    function redeem(uint32 id, uint256[] calldata ticketIds) external restricted {
        Screening storage s = _screenings[id];
        if (s.issuer == address(0)) revert UnknownScreening(id);
        uint256 opensAt = uint256(s.startsAt) - GATE_MARGIN;
        uint256 closesAt = uint256(s.endsAt) + GATE_MARGIN;
        if (block.timestamp < opensAt || block.timestamp > closesAt) {
            revert OutsideGateHours(id, opensAt, closesAt);
        }

        uint256 from;
        for (uint256 i; i < ticketIds.length; ++i) {
            uint256 ticketId = ticketIds[i];
            uint96 word = _getExtraData(ticketId);
            if (word.isRedeemable(id)) {
                _setExtraData(ticketId, word.with(TicketWord.REDEEMED));
                if (word & TicketWord.LOCKS == 0) emit Locked(ticketId);
            } else {
                _emitRedeemed(id, ticketIds[from:i]);
                emit RedeemRefused(id, ticketId, _refusal(word, id));
                from = i + 1;
            }
        }
        _emitRedeemed(id, ticketIds[from:]);
    }

    /// @inheritdoc ITicketLedger
    function unredeem(uint32 id, uint256 ticketId) external restricted {
        Screening storage s = _screenings[id];
        uint96 word = _wordOf(ticketId, id);
        if (!word.has(TicketWord.REDEEMED)) revert TicketNotRedeemed(ticketId);
        if (block.timestamp > s.endsAt) revert OutsideGateHours(id, s.startsAt - GATE_MARGIN, s.endsAt);

        word = word.without(TicketWord.REDEEMED);
        _setExtraData(ticketId, word);

        emit Unredeemed(id, ticketId);
        if (!word.isLocked()) emit Unlocked(ticketId);
    }

    /// @inheritdoc ITicketLedger
    function void(uint32 id, uint256[] calldata ticketIds) external {
        _screeningOfCaller(id);
        for (uint256 i; i < ticketIds.length; ++i) {
            uint256 ticketId = ticketIds[i];
            uint96 word = _wordOf(ticketId, id);
            if (word.has(TicketWord.VOID)) revert TicketIsVoid(ticketId);

            _setExtraData(ticketId, word.with(TicketWord.VOID));

            if (!word.isLocked()) emit Locked(ticketId);
            emit MetadataUpdate(ticketId);
        }
        emit Voided(id, ticketIds);
    }

    /* THE LOCK */

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        ownerOf(tokenId);
        return _getExtraData(tokenId).isLocked();
    }

    /// @inheritdoc ITicketLedger
    function isFrozen(address account) public view virtual returns (bool);

    /// @dev Solady calls this on every path that changes an owner, its payable ones included.
    function _beforeTokenTransfer(address from, address, uint256 id) internal view override {
        if (from == address(0)) return;
        if (msg.value != 0) revert ValueNotAccepted();
        if (_moving) return;
        if (_getExtraData(id).isLocked()) revert TicketLocked(id);
        if (isFrozen(from)) revert AccountFrozen(from);
    }

    /// @inheritdoc ERC721
    function approve(address account, uint256 id) public payable override {
        if (msg.value != 0) revert ValueNotAccepted();
        super.approve(account, id);
    }

    /* METADATA */

    /// @inheritdoc ERC721
    function name() public pure override returns (string memory) {
        return "Koperasi film tickets";
    }

    /// @inheritdoc ERC721
    function symbol() public pure override returns (string memory) {
        return "TIKET";
    }

    /// @inheritdoc ERC721
    function tokenURI(uint256 id) public view override returns (string memory) {
        ownerOf(id);
        return string.concat(_baseURI, "tickets/", LibString.toString(id));
    }

    /// @inheritdoc ITicketLedger
    function contractURI() external view returns (string memory) {
        return string.concat(_baseURI, "contract");
    }

    /// @inheritdoc ITicketLedger
    function setBaseURI(string calldata uri) external restricted {
        _baseURI = uri;
        emit BatchMetadataUpdate(1, type(uint256).max);
        emit ContractURIUpdated();
    }

    /// @inheritdoc ITicketLedger
    function ticket(uint256 ticketId) external view returns (uint256) {
        return uint256(uint160(ownerOf(ticketId))) | (uint256(_getExtraData(ticketId)) << 160);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5192).interfaceId
            || interfaceId == 0x49064906 // ERC-4906 has events only and fixes its id
            || super.supportsInterface(interfaceId);
    }

    /* INTERNAL */

    function _screeningOfCaller(uint32 id) internal view returns (Screening storage s) {
        s = _screenings[id];
        if (s.issuer == address(0)) revert UnknownScreening(id);
        if (s.issuer != msg.sender) revert NotTheIssuer(id, s.issuer, msg.sender);
    }

    /// @dev A ticket that does not exist is of screening zero, which does not exist either.
    function _wordOf(uint256 ticketId, uint32 id) internal view returns (uint96 word) {
        word = _getExtraData(ticketId);
        if (id == 0 || word.screening() != id) revert NotOfThisScreening(ticketId, id);
    }

    /// @dev The tickets between two refusals; slices of calldata cost nothing to build.
    function _emitRedeemed(uint32 id, uint256[] calldata ticketIds) private {
        if (ticketIds.length != 0) emit Redeemed(id, ticketIds);
    }

    function _refusal(uint96 word, uint32 id) private pure returns (Refusal) {
        if (word.screening() != id) return Refusal.NotOfThisScreening;
        return word.has(TicketWord.VOID) ? Refusal.Void : Refusal.AlreadyRedeemed;
    }
}
