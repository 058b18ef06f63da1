// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Base} from "./support/Base.sol";
import {RoleTable} from "./support/RoleTable.sol";

// Each function of the table
// ├── restricted
// │   ├── by an account with another role, or none: AccessManagedUnauthorized
// │   └── by an account with this role alone: gets past the guard
// ├── open to anybody: gets past the guard without a role
// └── the authority's own: AccessManagedUnauthorized for every role
contract AccessTest is Base {
    uint256 private constant ROLES = 10;

    function _with(uint256 role) private pure returns (address) {
        return address(uint160(0xA0000 + role));
    }

    function setUp() public override {
        super.setUp();
        for (uint64 role; role < ROLES; ++role) {
            manager.grantRole(role, _with(role), 0);
        }
    }

    function test_ledgerRoleTable() public {
        _check(address(ledger), RoleTable.ticketLedger());
    }

    function test_boxOfficeRoleTable() public {
        _check(address(office), RoleTable.boxOffice());
    }

    function _check(address target, RoleTable.Row[] memory rows) private {
        for (uint256 i; i < rows.length; ++i) {
            // The last of these accounts has no role at all.
            for (uint256 role; role <= ROLES; ++role) {
                bool passes = rows[i].role == RoleTable.ANYBODY || rows[i].role == role;
                bool refused = _isRefused(target, RoleTable.selector(rows[i]), _with(role));
                vm.assertTrue(refused != passes, rows[i].signature);
            }
        }
    }

    /// @dev Whether the guard itself says no. Empty arguments: what comes after it may well fail.
    function _isRefused(address target, bytes4 selector, address caller) private returns (bool) {
        bytes memory refusal =
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
        vm.prank(caller);
        (bool done, bytes memory reason) = target.call(abi.encodePacked(selector, new bytes(2048)));
        return !done && keccak256(reason) == keccak256(refusal);
    }

    function test_managerAloneSetsTheAuthority() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        ledger.setAuthority(address(this));
        manager.updateAuthority(address(ledger), address(manager));
    }
}
