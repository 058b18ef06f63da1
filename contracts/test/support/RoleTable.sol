// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "../../access/Roles.sol";

/// @title RoleTable
/// @notice Who may call what: every function that changes state, and the one role that reaches it.
///
/// `selectors.test.mjs` reads the rows of this file: a function of the ABI that has no row fails it,
/// and so does a difference to `contracts/access/roles.json`, from which a deployment is set up.
library RoleTable {
    /// @notice Anybody may call.
    uint64 internal constant ANYBODY = type(uint64).max;
    /// @notice The access manager itself calls.
    uint64 internal constant AUTHORITY = type(uint64).max - 1;

    struct Row {
        string signature;
        uint64 role;
    }

    function ticketLedger() internal pure returns (Row[] memory rows) {
        rows = new Row[](31);
        rows[0] = Row("openScreening(uint40,uint40)", Roles.MINTER);
        rows[1] = Row("issue(uint32,uint256[],(uint8,uint32,bytes16,bool,bool))", Roles.MINTER);
        rows[2] = Row("setStanding(uint32,uint8,bytes16)", Roles.REGISTRAR);
        rows[3] = Row("enrol(uint256,uint32,uint40,bytes16)", Roles.REGISTRAR);
        rows[4] = Row("moveNow(uint32,address,uint256[],uint256,bytes,bytes)", Roles.REGISTRAR);
        rows[5] = Row("close(uint32,uint8,bytes16)", Roles.CLOSING);
        rows[6] = Row("setBylaws(bytes32)", Roles.BOARD);
        rows[7] = Row("setBaseURI(string)", Roles.BOARD);
        rows[8] = Row("contestMove(uint32,address)", Roles.BOARD);
        rows[9] = Row("redeem(uint32,uint256[])", Roles.GATE);
        rows[10] = Row("unredeem(uint32,uint256)", Roles.BOX_OFFICE);
        rows[11] = Row("proposeMove(uint32,address)", Roles.RECOVERY);
        rows[12] = Row("cancelMove(uint32)", Roles.GUARDIAN);
        rows[13] = Row("setAuthority(address)", AUTHORITY);
        rows[14] = Row("postponeScreening(uint32,uint40,uint40)", ANYBODY);
        rows[15] = Row("void(uint32,uint256[])", ANYBODY);
        rows[16] = Row("give(uint256,address)", ANYBODY);
        rows[17] = Row("giveBySig(uint256,address,uint256,bytes)", ANYBODY);
        rows[18] = Row("join(uint256,uint32)", ANYBODY);
        rows[19] = Row("joinBySig(address,uint256,uint32,uint40,uint256,bytes)", ANYBODY);
        rows[20] = Row("leave()", ANYBODY);
        rows[21] = Row("leaveBySig(uint32,uint256,bytes)", ANYBODY);
        rows[22] = Row("vetoMove(uint32)", ANYBODY);
        rows[23] = Row("vetoMoveBySig(uint32,uint256,bytes)", ANYBODY);
        rows[24] = Row("acceptMove(uint32,uint256[])", ANYBODY);
        rows[25] = Row("acceptMoveBySig(uint32,uint256[],uint256,bytes)", ANYBODY);
        rows[26] = Row("approve(address,uint256)", ANYBODY);
        rows[27] = Row("setApprovalForAll(address,bool)", ANYBODY);
        rows[28] = Row("transferFrom(address,address,uint256)", ANYBODY);
        rows[29] = Row("safeTransferFrom(address,address,uint256)", ANYBODY);
        rows[30] = Row("safeTransferFrom(address,address,uint256,bytes)", ANYBODY);
    }

    function boxOffice() internal pure returns (Row[] memory rows) {
        rows = new Row[](16);
        rows[0] = Row("addFilm(string,uint16,uint16)", Roles.BOX_OFFICE);
        rows[1] = Row(
            "addScreening((uint32,uint24,uint40,uint40,uint40,uint40,uint40,bool,bool,string),(uint96,uint96,bool,bool,string)[])",
            Roles.BOX_OFFICE
        );
        rows[2] = Row("setTier(uint32,uint8,(uint96,uint96,bool,bool,string))", Roles.BOX_OFFICE);
        rows[3] = Row("sell(uint32,uint32,uint256[],bytes32[],uint32,bytes16)", Roles.BOX_OFFICE);
        rows[4] = Row("void(uint32,uint256[],bytes16)", Roles.BOX_OFFICE);
        rows[5] = Row("cancelScreening(uint32)", Roles.BOARD);
        rows[6] = Row("postpone(uint32,uint40,uint40,uint40)", Roles.BOARD);
        rows[7] = Row("withdraw(uint32,address)", Roles.TREASURER);
        rows[8] = Row("returnDepositTo(uint256,address,bytes16)", Roles.TREASURER);
        rows[9] = Row("recordDepositReturn(uint256,bytes16)", Roles.TREASURER);
        rows[10] = Row("setAuthority(address)", AUTHORITY);
        rows[11] = Row("buy((uint32,uint16,uint8,address,uint256,uint32))", ANYBODY);
        rows[12] = Row(
            "buyWithPermit((uint32,uint16,uint8,address,uint256,uint32),(uint256,uint256,uint8,bytes32,bytes32))",
            ANYBODY
        );
        rows[13] = Row("refund(uint256[])", ANYBODY);
        rows[14] = Row("refundBySig(address,uint256[],uint256,bytes)", ANYBODY);
        rows[15] = Row("returnDeposit(uint256)", ANYBODY);
    }

    function selector(Row memory row) internal pure returns (bytes4) {
        return bytes4(keccak256(bytes(row.signature)));
    }

    function restricted(Row memory row) internal pure returns (bool) {
        return row.role != ANYBODY && row.role != AUTHORITY;
    }
}
