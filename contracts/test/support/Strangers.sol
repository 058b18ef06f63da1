// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {Purchase} from "../../interfaces/IBoxOffice.sol";
import {IOffice} from "./Faces.sol";

/// @title Wallet
/// @notice A contract account: it says yes (ERC-1271) to what its owner's hash list holds.
contract Wallet {
    mapping(bytes32 digest => bool) public approved;

    function approveHash(bytes32 digest) external {
        approved[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return approved[digest] ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @title Silent
/// @notice Code that answers nothing: what an account may carry under EIP-7702.
contract Silent {
    fallback() external payable {}
}

/// @title Reentrant
/// @notice A buyer that, when it is paid, asks for its money again.
contract Reentrant {
    IOffice public immutable office;
    uint256[] public ids;
    bytes public again;
    bytes public answer;

    constructor(IOffice office_) payable {
        office = office_;
    }

    function buy(Purchase calldata purchase) external returns (uint256 id) {
        id = office.buy{value: purchase.maxPrice}(purchase);
        ids.push(id);
    }

    function refund(bytes calldata again_) external {
        again = again_;
        office.refund(ids);
    }

    receive() external payable {
        (, answer) = address(office).call(again);
    }
}

/// @title Stubborn
/// @notice A buyer that takes no money back.
contract Stubborn {
    function buy(IOffice office, Purchase calldata purchase) external payable returns (uint256) {
        return office.buy{value: msg.value}(purchase);
    }
}

/// @title FeeToken
/// @notice A currency that keeps one unit of every transfer.
contract FeeToken is ERC20 {
    constructor() ERC20("Fee", "FEE") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0), 1);
    }
}
