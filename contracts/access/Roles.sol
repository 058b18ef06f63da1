// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Roles
/// @notice The ids of the roles in the cooperative's AccessManager. `ADMIN` is OpenZeppelin's own.
library Roles {
    uint64 internal constant ADMIN = 0;
    uint64 internal constant BOARD = 1;
    uint64 internal constant BOX_OFFICE = 2;
    uint64 internal constant GATE = 3;
    uint64 internal constant REGISTRAR = 4;
    uint64 internal constant CLOSING = 5;
    uint64 internal constant TREASURER = 6;
    uint64 internal constant RECOVERY = 7;
    uint64 internal constant GUARDIAN = 8;
    uint64 internal constant MINTER = 9;
}
