"""Every command: in which module it is, its name, and the line that the help of all shows of it.

The modules themselves say the same, and are not imported for it; a test holds both to each other.
"""

from coopledger.cli.frame.on_demand import OnDemand

_ROOMS = {
    "machine": {
        "up": "Start a local chain, the database and the API. It goes on where 'down' left it.",
        "down": "Save the local chain, and stop it with the database and the API.",
        "clock": "Put the local chain's clock forward, to try what takes days.",
        "new-key": "Make an operator's key, encrypted with a password, and show its account.",
    },
    "founding": {
        "deploy": "Deploy the cooperative's contracts, or go on where an earlier attempt stopped.",
    },
    "register.bylaws": {
        "bylaws": "Record the next version of the by-laws by the hash (Keccak-256) of their file, or list them.",
    },
    "programme.films_and_screenings": {
        "film": "The films.",
        "screening": "The screenings and their sales.",
    },
    "counter.selling": {
        "sell": "Sell one ticket that is paid at the counter.",
        "void": "Void unused tickets that were paid outside the chain; their places are free again.",
    },
    "importing": {
        "import-orders": "Issue a ticket for every paid position that has none yet. Exit code 9 after --skip-bad.",
    },
    "counter.door": {
        "redeem": "Let the bearers of tickets in. Exit code 9 if some were turned away.",
        "unredeem": "Take back that a ticket was used, as after a scan by mistake. For the box office.",
    },
    "register.finding": {
        "members": "List the members, now or as of a block or time.",
        "member": "Show one member. Names and e-mail only to those who hold the master secret.",
        "ticket": "Show one ticket.",
        "close": "Close a record: schedules it, and executes it when called again after the delay.",
    },
    "register.reports": {
        "register": "The register as of any moment, from the index.",
    },
    "register.people": {
        "claim": "Move a person's membership and tickets to a key of their own.",
        "person": "What the service does for a person without a wallet who asks for it.",
    },
    "holders.viewing": {
        "buy": "Buy a ticket with your own key and money; with --join become a member by it.",
        "my": "Show what you have: your membership, your tickets, your money.",
        "play-money": "Make play money on a local chain, to try buying. It is worth nothing anywhere.",
    },
    "holders.holding": {
        "join": "Become a member with a ticket that you hold. It becomes your card, and stays yours for good.",
        "give": "Give a ticket to somebody. They do not become a member by it unless they join themselves.",
        "leave": "End your membership. A deposit that you paid on the chain comes back at once.",
        "refund": "Hand tickets back for their price: until the deadline, or of a cancelled screening.",
    },
    "messages.commands": {
        "sign": "Show what a message asks for, and sign it with your own key for somebody else to send.",
        "relay": "Send what somebody else signed, and pay for the sending. You have no say in what it does.",
    },
    "register.standings": {
        "standing": "Make a member full (their identity was checked) or associate.",
        "standings": "Give many members a standing by a CSV with the columns who, standing and reference.",
        "enrol": "Enrol the holders of tickets, who consented to the by-laws on paper.",
    },
    "authority.pending": {
        "pending": "What waits for a role's delay.",
    },
    "moves": {
        "move": "Moving a membership to a new key.",
    },
    "auditing.once": {
        "audit": "Check the register against the chain itself, and prove it.",
    },
    "index": {
        "worker": "Follow the chain into the index until stopped, and audit both on schedule.",
        "index": "The index: a copy of the chain in the database.",
    },
    "authority.roles": {
        "role": "The roles and who holds them.",
    },
    "programme.offices": {
        "box-office": "The box offices' contracts.",
    },
    "money": {
        "held": "Show what money is held for whom. Exit code 8 if an account has less than that.",
        "withdraw": "Pay a screening's takings out, from 48 hours after its end.",
        "refund-all": "Refund all tickets of a cancelled screening that were paid on the chain. Anybody may.",
        "deposit": "Principal deposits of members who are gone.",
    },
    "holders.pictures": {
        "picture": "Tickets and cards as pictures.",
    },
    "serving": {
        "api": "Serve the open API until Ctrl-C. 'coopledger up' does it in the background.",
    },
}


def all_commands() -> list[OnDemand]:
    """Return the commands in the order in which the help shows them."""
    return [
        OnDemand(name, line, f"{__package__}.{room}")
        for room, lines in _ROOMS.items()
        for name, line in lines.items()
    ]
