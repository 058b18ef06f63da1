"""Reading the master secret, and making one for a trial."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from coopledger.people.master import (
    ENVIRONMENT_NAME,
    MasterSecretExposed,
    MasterSecretMissing,
    MasterSecretUnreadable,
    master_secrets_from_environment,
    master_secrets_from_file,
    master_secrets_of_trial,
    read_master_secrets,
)

ONE, TWO = "ab" * 32, "0xcd" + "cd" * 39


def test_versions_are_read_in_their_order() -> None:
    """Versions come by lines or commas, in any order, and are sorted."""
    read = read_master_secrets(f"2:{TWO}\n1:{ONE}\n", "here")
    assert [(secret.version, secret.material) for secret in read] == [
        (1, b"\xab" * 32),
        (2, b"\xcd" * 40),
    ]
    assert read_master_secrets(f"1:{ONE}, 2:{TWO}", "here") == read


@pytest.mark.parametrize(
    "text", [ONE, f"0:{ONE}", f"x:{ONE}", "1:abc", "1:zz", f"1:{'ab' * 31}", f"1:{ONE} 1:{ONE}"]
)
def test_a_badly_written_secret_is_refused_and_not_shown(text: str) -> None:
    """The failure names the place and never what stands there."""
    with pytest.raises(MasterSecretUnreadable) as caught:
        read_master_secrets(text, "the variable X")
    assert "the variable X" in str(caught.value)
    assert text not in str(caught.value)


def test_it_is_read_from_the_environment() -> None:
    """The variable is read where it is set, and missed by name where it is not."""
    assert len(master_secrets_from_environment({ENVIRONMENT_NAME: f"1:{ONE}"})) == 1
    with pytest.raises(MasterSecretMissing, match=ENVIRONMENT_NAME):
        master_secrets_from_environment({})


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A secret in a file must be for its owner's eyes only."""
    file = tmp_path / "secret"
    with pytest.raises(MasterSecretMissing):
        master_secrets_from_file(file)
    file.write_text(f"1:{ONE}")
    file.chmod(0o640)
    with pytest.raises(MasterSecretExposed) as caught:
        master_secrets_from_file(file)
    assert caught.value.mode == 0o640
    file.chmod(0o600)
    assert len(master_secrets_from_file(file)) == 1


def test_a_trial_makes_one_secret_and_keeps_it(tmp_path: Path) -> None:
    """Many at once get the same secret, it is for the owner's eyes, and nothing else is left."""
    with ThreadPoolExecutor(16) as pool:
        read = list(pool.map(master_secrets_of_trial, [tmp_path] * 32))
    assert len({secrets[0].material for secrets in read}) == 1
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.stat().st_uid == os.geteuid()
