"""Who acts in the stories: viewers, and the people who hold the cooperative's roles.

Each is one of the keys that a local chain funds and unlocks, by place in ``CAST``.
"""

from coopledger.chain.contracts.access import ADMIN_DELAY_S
from coopledger.domain.roles import Role
from coopledger.services.founding.deploying import CLOSING_DELAY_S

VIEWERS = ("Ani", "Budi", "Citra", "Dewi", "Eko", "Fajar", "Gita", "Hadi")

STAFF = {
    Role.BOARD: "the board",
    Role.BOX_OFFICE: "the clerk",
    Role.GATE: "the gate",
    Role.REGISTRAR: "the registrar",
    Role.CLOSING: "the closer",
    Role.TREASURER: "the treasurer",
    Role.RECOVERY: "the recovery desk",
    Role.GUARDIAN: "the guardian",
    Role.ADMIN: "the admin",
}

DEPLOYER = "the deployer"

CAST = (*VIEWERS, *STAFF.values(), DEPLOYER)

DELAYS = {Role.ADMIN: ADMIN_DELAY_S, Role.CLOSING: CLOSING_DELAY_S}

FIRST_OFFICE, SECOND_OFFICE = "box office 1", "box office 2"
