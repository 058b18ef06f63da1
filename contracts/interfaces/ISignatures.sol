// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ISignatures
/// @notice How a signed message (EIP-712) can fail, wherever one is accepted.
interface ISignatures {
    /// @notice The signature is not the account's, or not for this.
    error BadSignature(address account);
    /// @notice The signature was used before.
    error SignatureUsed(bytes32 digest);
    /// @notice The signature has expired.
    error SignatureExpired(uint256 deadline);
}
