// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "solady/src/utils/ECDSA.sol";
import {EIP712} from "solady/src/utils/EIP712.sol";
import {SignatureCheckerLib} from "solady/src/utils/SignatureCheckerLib.sol";

import {ISignatures} from "../interfaces/ISignatures.sol";

/// @title Signatures
/// @notice Checks what a person signed (EIP-712) and somebody else sends.
///
/// A signature is single-use by the state that it names: a record closes once, a proposal is made
/// once. Only a gift can come round again, so only a gift marks its digest as used.
abstract contract Signatures is ISignatures, EIP712 {
    mapping(bytes32 digest => bool) private _used;

    /// @dev Reverts unless `account` signed the struct. An account whose key signs is believed even
    /// if it carries code (EIP-7702); other accounts with code are asked (ERC-1271).
    function _requireSigned(address account, bytes32 structHash, uint256 deadline, bytes calldata signature)
        internal
        view
        returns (bytes32 digest)
    {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        digest = _hashTypedData(structHash);
        address signer = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer != address(0) && signer == account) return digest;
        if (!SignatureCheckerLib.isValidERC1271SignatureNowCalldata(account, digest, signature)) {
            revert BadSignature(account);
        }
    }

    /// @dev `_requireSigned`, and never again.
    function _useSignature(address account, bytes32 structHash, uint256 deadline, bytes calldata signature)
        internal
    {
        bytes32 digest = _requireSigned(account, structHash, deadline, signature);
        if (_used[digest]) revert SignatureUsed(digest);
        _used[digest] = true;
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("coopledger", "1");
    }
}
