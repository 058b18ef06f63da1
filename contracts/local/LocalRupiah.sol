// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title LocalRupiah
/// @notice Play money for local chains: anybody mints it, so it is worth nothing anywhere.
contract LocalRupiah is ERC20Permit {
    constructor() ERC20("Local rupiah", "IDRL") ERC20Permit("Local rupiah") {}

    function decimals() public pure override returns (uint8) {
        return 0;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
