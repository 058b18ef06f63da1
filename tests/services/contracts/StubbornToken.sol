// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title StubbornToken
/// @notice A currency with the manners of an old one that much money is in: no permits, nothing is
/// answered, and an allowance has to be taken back before it can be changed.
contract StubbornToken {
    string public constant name = "Stubborn";
    string public constant symbol = "STUB";
    uint8 public constant decimals = 6;

    mapping(address owner => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0);
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
