// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";

import {IBoxOffice} from "../../interfaces/IBoxOffice.sol";
import {IERC5192} from "../../interfaces/IERC5192.sol";
import {ITicketLedger} from "../../interfaces/ITicketLedger.sol";

// The tests know the contracts by their faces alone. So they compile without them, in a second,
// and the same compiled test runs against a broken copy.

/// @title ILedger
/// @notice The ledger with its ERC-721 side and the errors of Solady's ERC721.
interface ILedger is ITicketLedger, IERC5192, IERC721Metadata {
    error TokenDoesNotExist();
    error TransferToZeroAddress();
    error TransferFromIncorrectOwner();
    error NotOwnerNorApproved();

    event MetadataUpdate(uint256 tokenId);
    event BatchMetadataUpdate(uint256 fromTokenId, uint256 toTokenId);
    event ContractURIUpdated();

    function GATE_MARGIN() external view returns (uint256);
    function MOVE_DELAY() external view returns (uint40);
    function CONTESTED_MOVE_DELAY() external view returns (uint40);
    function setAuthority(address authority) external;
}

/// @title IOffice
/// @notice The box office with what its interface leaves out.
interface IOffice is IBoxOffice {
    function ledger() external view returns (ITicketLedger);
    function SETTLEMENT_DELAY() external view returns (uint256);
}

/// @title IRupiah
/// @notice Play money.
interface IRupiah is IERC20, IERC20Permit {
    function mint(address to, uint256 amount) external;
}
