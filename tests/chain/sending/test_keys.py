"""The operator's key: found where it is configured, refused by name, shown nowhere."""

import copy
import json
import logging
import pickle
import stat
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from coopledger.chain.sending.keys import (
    KeyUnusable,
    NoKeyConfigured,
    NoPassword,
    PasswordFileExposed,
    PasswordFileUnreadable,
    load_signer,
)
from coopledger.chain.sending.keystore import (
    KeystoreExists,
    KeystoreUnreadable,
    PasswordTooShort,
    WrongPassword,
    create_keystore,
    open_keystore,
)
from coopledger.chain.sending.signing import Signer
from coopledger.settings import Settings

PASSWORD = "correct horse battery"
KEY = "0x" + "11" * 32


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    """A new keystore, made with little work so that tests are quick."""
    file = tmp_path / "operator.json"
    create_keystore(file, PASSWORD, iterations=2)
    return file


def with_keystore(
    settings: Settings, keystore: Path, password_file: Path | None = None
) -> Settings:
    """Return settings that name a keystore."""
    return settings.model_copy(
        update={"keystore": keystore, "keystore_password_file": password_file}
    )


def test_a_new_keystore_opens_with_its_password_alone(keystore: Path) -> None:
    """The file holds the key encrypted, for its owner's eyes, and opens with its password."""
    assert stat.S_IMODE(keystore.stat().st_mode) == 0o600
    signer = open_keystore(keystore, PASSWORD)
    assert json.loads(keystore.read_text())["address"] == signer.address[2:].lower()
    with pytest.raises(WrongPassword):
        open_keystore(keystore, "another password")


def test_a_keystore_is_never_overwritten_nor_weakly_locked(keystore: Path) -> None:
    """A file that is there stays; a short password is refused."""
    before = keystore.read_bytes()
    with pytest.raises(KeystoreExists):
        create_keystore(keystore, PASSWORD, iterations=2)
    assert keystore.read_bytes() == before
    with pytest.raises(PasswordTooShort):
        create_keystore(keystore.with_name("new.json"), "short", iterations=2)
    assert not keystore.with_name("new.json").exists()


def test_the_password_comes_from_file_then_environment_then_person(
    keystore: Path, settings: Settings, tmp_path: Path
) -> None:
    """The first of the three that is there is used; with none, that is said."""
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text(PASSWORD + "\n")
    expected = open_keystore(keystore, PASSWORD).address
    right = {"COOPLEDGER_KEYSTORE_PASSWORD": PASSWORD}
    wrong = {"COOPLEDGER_KEYSTORE_PASSWORD": "not this one"}
    by_file, bare = with_keystore(settings, keystore, file), with_keystore(settings, keystore)
    assert load_signer(by_file, None, wrong).address == expected
    assert load_signer(bare, lambda _: "not this one", right).address == expected
    assert load_signer(bare, lambda _: PASSWORD, {}).address == expected
    with pytest.raises(NoPassword):
        load_signer(bare, None, {})


def test_a_password_file_that_others_can_read_is_refused(
    keystore: Path, settings: Settings, tmp_path: Path
) -> None:
    """A password that others could have read opens nothing."""
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(PasswordFileExposed) as failure:
            load_signer(with_keystore(settings, keystore, file), None, {})
        assert failure.value.mode == mode
    with pytest.raises(PasswordFileUnreadable):
        load_signer(with_keystore(settings, keystore, tmp_path / "absent"), None, {})


@pytest.mark.parametrize(
    "content",
    ["", "not json", "[]", "{}", '{"version": 3}', '{"version": 9}', "[" * 2_000_000],
    ids=lambda content: repr(content[:20]),
)
def test_a_file_that_is_no_keystore_is_named(tmp_path: Path, content: str) -> None:
    """A damaged or foreign file is an error that names the file."""
    file = tmp_path / "operator.json"
    file.write_text(content)
    with pytest.raises(KeystoreUnreadable, match=r"operator\.json"):
        open_keystore(file, PASSWORD)
    with pytest.raises(KeystoreUnreadable, match="absent"):
        open_keystore(tmp_path / "absent", PASSWORD)


def test_the_environment_holds_a_key_where_no_keystore_is_set(settings: Settings) -> None:
    """A key in the named variable is used; none, or no key, is an error that does not repeat it."""
    expected = Account.from_key(KEY).address
    named = settings.model_copy(update={"key_variable": "MY_KEY"})
    assert load_signer(named, None, {"MY_KEY": KEY}).address == expected
    assert load_signer(named, None, {"MY_KEY": KEY[2:]}).address == expected
    with pytest.raises(NoKeyConfigured, match="MY_KEY"):
        load_signer(named, None, {"COOPLEDGER_OPERATOR_KEY": KEY})
    for bad in ("12345", "zz" * 32, "00" * 32, KEY + "11", KEY[:-1]):
        with pytest.raises(KeyUnusable) as failure:
            load_signer(named, None, {"MY_KEY": bad})
        assert bad not in str(failure.value)
        assert failure.value.__cause__ is None
        assert failure.value.__suppress_context__


def test_a_signer_gives_its_key_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Printing, logging, listing, pickling or copying a signer shows its address alone."""
    signer = Signer(bytes.fromhex(KEY[2:]))
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").info("%s %r", signer, [signer])
    for text in (str(signer), repr(signer), f"{signer}", caplog.text):
        assert signer.address in text
        assert KEY[2:] not in text
    assert not hasattr(signer, "__dict__")
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(signer)


def test_typed_data_is_signed_for_its_account() -> None:
    """A signature over an EIP-712 message recovers to the signer's address."""
    message = {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}],
            "Join": [{"name": "ticketId", "type": "uint256"}],
        },
        "domain": {"name": "Ledger"},
        "primaryType": "Join",
        "message": {"ticketId": 7},
    }
    signer = Signer(bytes.fromhex(KEY[2:]))
    signature = signer.sign_typed_data(message)
    assert len(signature) == 65
    encoded = encode_typed_data(full_message=message)
    assert Account.recover_message(encoded, signature=signature) == signer.address
