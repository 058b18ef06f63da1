// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// OpenZeppelin's access manager, unchanged: named here so that it is built and deployed with the
// contracts that it guards.
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
