// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IERC5192
/// @notice Minimal soulbound tokens (ERC-5192, interface id 0xb45a3c0e): says which tickets can no
/// longer change owner.
interface IERC5192 {
    /// @notice The ticket is locked from now on.
    event Locked(uint256 tokenId);

    /// @notice The ticket can change owner again. Not emitted at mint: a new ticket is unlocked
    /// unless `Locked` says otherwise.
    event Unlocked(uint256 tokenId);

    /// @notice Whether the ticket is locked. Reverts for a ticket that does not exist.
    function locked(uint256 tokenId) external view returns (bool);
}
