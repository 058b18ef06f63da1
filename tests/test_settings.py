"""Settings: read when asked, from the environment, and never shown where they are secret."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coopledger import settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No ``.env`` and no variables of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("COOPLEDGER_"):
            monkeypatch.delenv(name)


def test_the_environment_counts_when_settings_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is set after the import is seen by the next load."""
    assert settings.load().chain_id == 31337
    monkeypatch.setenv("COOPLEDGER_CHAIN_ID", "11155111")
    monkeypatch.setenv("COOPLEDGER_TIMEZONE", "Asia/Makassar")
    loaded = settings.load()
    assert loaded.chain_id == 11155111
    assert loaded.timezone == ZoneInfo("Asia/Makassar")


def test_a_dotenv_file_counts_less_than_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``.env`` fills in what the environment leaves open."""
    (tmp_path / ".env").write_text("COOPLEDGER_CONFIRMATIONS=3\nCOOPLEDGER_CHAIN_ID=5\n")
    monkeypatch.setenv("COOPLEDGER_CHAIN_ID", "7")
    loaded = settings.load()
    assert (loaded.confirmations, loaded.chain_id) == (3, 7)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CHAIN_ID", "one"),
        ("CONFIRMATIONS", "0"),
        ("TRANSACTION_GAS_CAP", "20000"),
        ("BATCH_GAS_SHARE", "1.5"),
        ("TIMEZONE", "Asia/Atlantis"),
    ],
)
def test_a_value_that_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The failure names the variable, and does not repeat what it holds."""
    monkeypatch.setenv(f"COOPLEDGER_{variable}", value)
    with pytest.raises(settings.SettingUnusable, match=f"COOPLEDGER_{variable}") as failure:
        settings.load()
    assert failure.value.setting.upper() == variable


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the database's password nor a provider's key is in the settings' text."""
    monkeypatch.setenv("COOPLEDGER_DATABASE_DSN", "postgresql://u:hush-1@localhost/db")
    monkeypatch.setenv("COOPLEDGER_RPC_URL", "https://node.example/v3/hush-2")
    assert "hush" not in repr(settings.load()) + str(settings.load())
