// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Roles} from "../../access/Roles.sol";
import {Announcement, Purchase, Tier} from "../../interfaces/IBoxOffice.sol";
import {Consent, Terms, Ticket} from "../../interfaces/ITicketLedger.sol";
import {ITicketLens} from "../../interfaces/ITicketLens.sol";
import {ILedger, IOffice, IRupiah} from "./Faces.sol";
import {RoleTable} from "./RoleTable.sol";
import {Vm} from "./Vm.sol";

/// @title Base
/// @notice A cooperative on its first day: contracts, one account a role, by-laws and a film.
///
/// Contracts are deployed from their artifacts, or from the file that an environment variable names
/// (`BROKEN_TicketLedger`, ...): `broken/run.mjs` puts its broken copies there.
abstract contract Base {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint40 internal constant NOW = 1_800_000_000;
    uint40 internal constant STARTS = NOW + 30 days;
    uint40 internal constant ENDS = STARTS + 2 hours;
    uint96 internal constant PRICE = 50_000;
    uint96 internal constant DEPOSIT = 20_000;
    bytes32 internal constant BYLAWS = keccak256("by-laws, first version");
    bytes16 internal constant PAPER = bytes16(keccak256("form 7"));

    address internal constant BOARD = address(0xB0A2D);
    address internal constant CLERK = address(0xC1E2C);
    address internal constant GATE = address(0x6A7E);
    address internal constant REGISTRAR = address(0x2E615);
    address internal constant CLOSING = address(0xC105E);
    address internal constant TREASURER = address(0x72EA5);
    address internal constant RECOVERY = address(0x2EC0);
    address internal constant GUARDIAN = address(0x60A2D);

    AccessManager internal manager;
    ILedger internal ledger;
    ITicketLens internal lens;
    IRupiah internal rupiah;
    /// @dev Sells for rupiah.
    IOffice internal office;
    /// @dev Sells for the chain's own coin.
    IOffice internal coins;

    // Ani, Budi and Citra have keys 1, 2 and 3.
    address internal ani = vm.addr(1);
    address internal budi = vm.addr(2);
    address internal citra = vm.addr(3);

    function setUp() public virtual {
        vm.warp(NOW);
        manager = new AccessManager(address(this));
        ledger = ILedger(_deploy("TicketLedger", abi.encode(manager)));
        lens = ITicketLens(_deploy("TicketLens", abi.encode(ledger)));
        rupiah = IRupiah(_deploy("LocalRupiah", ""));
        _mapRoles(address(ledger), RoleTable.ticketLedger());
        office = _newOffice(address(rupiah));
        coins = _newOffice(address(0));
        manager.grantRole(Roles.BOARD, BOARD, 0);
        manager.grantRole(Roles.BOX_OFFICE, CLERK, 0);
        manager.grantRole(Roles.GATE, GATE, 0);
        manager.grantRole(Roles.REGISTRAR, REGISTRAR, 0);
        manager.grantRole(Roles.CLOSING, CLOSING, 0);
        manager.grantRole(Roles.TREASURER, TREASURER, 0);
        manager.grantRole(Roles.RECOVERY, RECOVERY, 0);
        manager.grantRole(Roles.GUARDIAN, GUARDIAN, 0);
        vm.prank(BOARD);
        ledger.setBylaws(BYLAWS);
    }

    /* CONTRACTS AND ROLES */

    function _deploy(string memory name, bytes memory arguments) internal returns (address made) {
        string memory broken = vm.envOr(string.concat("BROKEN_", name), "");
        bytes memory code =
            bytes(broken).length == 0 ? vm.getCode(name) : vm.parseBytes(vm.readFile(broken));
        code = bytes.concat(code, arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        vm.assertTrue(made != address(0), name);
    }

    function _newOffice(address currency) internal returns (IOffice made) {
        made = IOffice(_deploy("BoxOffice", abi.encode(manager, ledger, currency)));
        _mapRoles(address(made), RoleTable.boxOffice());
        manager.grantRole(Roles.MINTER, address(made), 0);
    }

    function _mapRoles(address target, RoleTable.Row[] memory rows) private {
        bytes4[] memory selectors = new bytes4[](1);
        for (uint256 i; i < rows.length; ++i) {
            if (!RoleTable.restricted(rows[i])) continue;
            selectors[0] = RoleTable.selector(rows[i]);
            manager.setTargetFunctionRole(target, selectors, rows[i].role);
        }
    }

    /* SALES */

    function _announcement() internal pure returns (Announcement memory) {
        return Announcement({
            film: 1,
            capacity: 8,
            startsAt: STARTS,
            endsAt: ENDS,
            opensAt: NOW,
            closesAt: STARTS,
            refundableUntil: STARTS - 1 days,
            seated: false,
            nonTransferable: false,
            venue: "Layar Desa"
        });
    }

    function _tiers() internal pure returns (Tier[] memory list) {
        list = new Tier[](1);
        list[0] = Tier(PRICE, DEPOSIT, false, false, "Umum");
    }

    function _show(IOffice shop, Announcement memory a) internal returns (uint32 screening) {
        vm.startPrank(CLERK);
        if (shop.filmCount() == 0) shop.addFilm("Tabula Rasa", 2014, 107);
        screening = shop.addScreening(a, _tiers());
        vm.stopPrank();
    }

    function _show(IOffice shop) internal returns (uint32) {
        return _show(shop, _announcement());
    }

    function _line(address holder, uint16 seat, bool joins) internal view returns (uint256 line) {
        line = uint256(uint160(holder)) | (uint256(seat) << 160);
        if (joins) line |= (uint256(1) << 184) | (vm.getBlockTimestamp() << 192);
    }

    function _lines(uint256 line) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = line;
    }

    /// @dev Sells lines outside the chain, joining lines under attested consent.
    function _sell(IOffice shop, uint32 screening, uint256[] memory lines) internal returns (uint256 first) {
        uint32 sequence = shop.sale(screening).sequence;
        vm.prank(CLERK);
        return shop.sell(screening, sequence, lines, new bytes32[](lines.length), 1, PAPER);
    }

    function _sell(uint32 screening, address holder, bool joins) internal returns (uint256) {
        return _sell(office, screening, _lines(_line(holder, 0, joins)));
    }

    function _purchase(uint32 screening, address holder, uint32 bylaws)
        internal
        pure
        returns (Purchase memory)
    {
        return Purchase(screening, 0, 0, holder, PRICE, bylaws);
    }

    /// @dev Buys on the chain, in the currency of that box office.
    function _buy(IOffice shop, uint32 screening, address buyer, bool joins) internal returns (uint256) {
        Purchase memory p = _purchase(screening, buyer, joins ? 1 : 0);
        if (address(shop) == address(coins)) {
            vm.deal(buyer, buyer.balance + PRICE);
            vm.prank(buyer);
            return shop.buy{value: PRICE}(p);
        }
        rupiah.mint(buyer, PRICE);
        vm.startPrank(buyer);
        rupiah.approve(address(shop), PRICE);
        uint256 id = shop.buy(p);
        vm.stopPrank();
        return id;
    }

    function _buy(uint32 screening, address buyer, bool joins) internal returns (uint256) {
        return _buy(office, screening, buyer, joins);
    }

    function _terms(Consent consent, uint32 bylaws) internal pure returns (Terms memory) {
        return Terms(consent, bylaws, consent == Consent.Attested ? PAPER : bytes16(0), false, false);
    }

    /* SIGNATURES */

    function _digest(address verifier, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("coopledger"),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function _sign(uint256 key, address verifier, bytes32 structHash) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(verifier, structHash));
        return abi.encodePacked(r, s, v);
    }

    function _giveHash(uint256 id, address to, uint256 deadline) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(keccak256("Give(uint256 ticketId,address to,uint256 deadline)"), id, to, deadline)
        );
    }

    function _joinHash(
        address account,
        uint256 id,
        uint32 bylaws,
        uint32 previous,
        uint40 consentedAt,
        uint256 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Join(address account,uint256 ticketId,uint32 bylaws,uint32 previous,uint40 consentedAt,uint256 deadline)"
        );
        return keccak256(abi.encode(typeHash, account, id, bylaws, previous, consentedAt, deadline));
    }

    function _leaveHash(uint32 number, uint256 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("Leave(uint32 number,uint256 deadline)"), number, deadline));
    }

    function _vetoHash(uint32 number, address to, uint40 readyAt, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typeHash = keccak256("VetoMove(uint32 number,address to,uint40 readyAt,uint256 deadline)");
        return keccak256(abi.encode(typeHash, number, to, readyAt, deadline));
    }

    function _acceptHash(uint32 number, uint40 readyAt, uint256[] memory ids, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typeHash =
            keccak256("AcceptMove(uint32 number,uint40 readyAt,uint256[] ticketIds,uint256 deadline)");
        return keccak256(abi.encode(typeHash, number, readyAt, keccak256(abi.encodePacked(ids)), deadline));
    }

    function _nowHash(uint32 number, address to, uint256[] memory ids, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typeHash =
            keccak256("MoveNow(uint32 number,address to,uint256[] ticketIds,uint256 deadline)");
        return keccak256(abi.encode(typeHash, number, to, keccak256(abi.encodePacked(ids)), deadline));
    }

    function _refundHash(uint256[] memory ids, uint256 deadline) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256("Refund(uint256[] ticketIds,uint256 deadline)");
        return keccak256(abi.encode(typeHash, keccak256(abi.encodePacked(ids)), deadline));
    }

    /* READING */

    function _ticket(uint256 id) internal view returns (Ticket memory) {
        return lens.ticket(id);
    }

    function _ids(uint256 a) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = a;
    }

    function _ids(uint256 a, uint256 b) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }

    /// @dev The next call must fail with exactly this error and these arguments.
    function _expect(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    function _expect(bytes4 selector) internal {
        vm.expectRevert(abi.encodePacked(selector));
    }
}
