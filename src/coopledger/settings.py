"""What a deployment may choose, read from ``COOPLEDGER_…`` variables and ``.env`` on request.

Importing this module reads nothing. :func:`load` does, once for each call, so that tests and commands
decide when the environment counts.
"""

from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from coopledger.domain.types import WIB, ChainId, Gas
from coopledger.errors import BadInput

LOCAL_CHAIN_ID = ChainId(31337)
"""What anvil and Hardhat's node call themselves unless told otherwise."""

TRANSACTION_GAS_CAP = Gas(16_777_216)
"""The most gas that one transaction may use (EIP-7825)."""


class SettingUnusable(BadInput):
    """A ``COOPLEDGER_…`` variable holds something that its setting cannot be."""

    setting: str
    reason: str

    advice = "Correct the variable (in the environment or in .env) and try again."

    def __str__(self) -> str:
        return f"COOPLEDGER_{self.setting.upper()} cannot be used: {self.reason}"


def find_project_root() -> Path:
    """Return the checkout; of an installed package a folder that has nothing of a checkout's."""
    return Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Every choice with its default; an environment variable ``COOPLEDGER_<NAME>`` overrides it."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="COOPLEDGER_", env_file=".env", extra="ignore", frozen=True
    )

    rpc_url: str = Field(default="http://127.0.0.1:8545", repr=False)
    """Where the chain's JSON-RPC answers. Not shown: a provider's URL holds its access key."""
    chain_id: ChainId = LOCAL_CHAIN_ID
    """The chain that is meant; a node of any other chain is refused."""
    state_folder: Path = Path(".coopledger")
    """What this machine keeps between commands: local chain, embedded database, logs."""
    deployments_folder: Path = Path("deployments")
    """Where the addresses of each chain's contracts are written: ``<chain id>.json``."""
    project_root: Path = Field(default_factory=find_project_root)
    """The checkout: contracts, node_modules and scripts are found below it, where there is one."""
    database_dsn: SecretStr | None = None
    """A PostgreSQL DSN; without one the embedded server is used."""
    master_secret_file: Path | None = None
    """The file, readable by its owner alone, from whose secret people's accounts derive.

    Without one, ``COOPLEDGER_MASTER_SECRET`` is read; a local chain makes its own for trials."""

    keystore: Path | None = None
    """The operator's encrypted key (keystore version 3)."""
    keystore_password_file: Path | None = None
    """A file readable by its owner alone, whose first line opens the keystore."""
    key_variable: str = "COOPLEDGER_OPERATOR_KEY"
    """The *name* of the environment variable that may hold the operator's key."""

    development_key: int = Field(default=0, ge=0, le=9)
    """Which of a local chain's public keys stands for the operator, where no other is set."""

    transaction_gas_cap: Gas = Field(default=TRANSACTION_GAS_CAP, gt=21_000)
    """The most gas that one transaction may use on this chain."""
    batch_gas_share: float = Field(default=0.85, gt=0, le=1)
    """How much of the cap a batch may be planned to fill; the rest covers a wrong estimate.

    Sales, whose cost is known better, are planned to 0.95 where this is not set."""
    confirmations: int = Field(default=1, ge=1)
    """Blocks that must hold or follow a transaction before it counts; 1: its own block."""
    index_confirmations: int | None = Field(default=None, ge=1)
    """Blocks that must hold or follow an event before the index takes it as final.

    Without it, what the node calls finalized; ``confirmations`` on a local chain, or where the node
    has no word for that."""
    index_poll_s: float = Field(default=1.0, gt=0)
    """Seconds between two looks for new blocks, once the index has caught up."""
    audit_every_s: float = Field(default=86_400.0, ge=0)
    """Seconds between two audits by the worker, of the chain and of the index against it; 0: none.

    An audit that could not be done is tried again after a quarter of an hour at the latest."""
    receipt_timeout_s: float = Field(default=120.0, gt=0)
    """Seconds to wait for a transaction to be mined before saying that it is not."""
    request_timeout_s: float = Field(default=30.0, gt=0)
    """Seconds to wait for one answer of the node."""
    transactions_in_flight: int = Field(default=16, ge=1)
    """How many transactions may be under way at once when many are sent in a row."""

    cooperative_name: str = ""
    """What tickets and cards call the cooperative; empty for "film cooperative"."""
    timezone: ZoneInfo = WIB
    """The zone in which times are shown, and read where they name none."""


def load() -> Settings:
    """Read the environment (and ``.env`` in the working folder) now.

    Raises:
        SettingUnusable: a variable holds something that its setting cannot be.
    """
    try:
        return Settings()
    except ValidationError as error:
        # The first finding alone, and never the value: it may be a secret.
        finding = error.errors(include_input=False, include_context=False)[0]
        name = ".".join(str(part) for part in finding["loc"])
        raise SettingUnusable(name, finding["msg"]) from None
