"""Transactions of accounts that leave, as scripts for both engines.

The first (`depart`) is short whatever the account holds: from then on nobody can sign in, its name is free
and it is in no list. Its chats follow in batches (`clear`), and its row goes last: a process that dies
between leaves work that the next one finds.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.people.deciding import Officer
from parley.accounts.people.scripts import REACHABLE, line_up, note, stop_answers
from parley.lib.db import Row, Script, one

BATCH = 50  # conversations in one transaction

# The pictures of the site that an administrator gave stay when they leave.
_SITE_PICTURES = (
    "UPDATE stored_file SET owner = ? WHERE owner = ? AND CAST(id AS VARCHAR) IN"
    " (SELECT value FROM setting WHERE key LIKE 'assistant.%' OR key LIKE 'branding.%')"
)
# What opened the account beside its password, or was about to.
_WAYS_IN = (
    "password_reset", "sign_in_challenge", "passkey", "oidc_identity", "recovery_code", "second_factor",
)  # fmt: skip
# Another administrator than `?`; when that is who decides, them.
_ANOTHER_ADMIN = (
    "SELECT id FROM user_account WHERE role = 'admin' AND status = 'active' AND id <> ?"
    " ORDER BY CASE WHEN id = ? THEN 0 ELSE 1 END, id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Whose account goes, who says so (perhaps themselves), and whether its chats go to whoever says so."""

    user: int
    officer: Officer
    hand_over: bool = False

    @property
    def own(self) -> bool:
        """Whether somebody deletes their own account."""
        return self.user == self.officer.id


@dataclass(frozen=True, slots=True)
class Departed:
    """How it went ("done", "unknown", "last_admin"), and the answers under way that have to stop."""

    outcome: str
    running: tuple[int, ...] = ()


def depart(leaving: Leaving, now: int) -> Script[Departed]:
    """Shut an account for good and take its name away. The last active administrator cannot leave."""
    yield from line_up()
    user, officer = leaving.user, leaving.officer
    account = one(
        (
            yield (
                f"SELECT id, username, role, status FROM user_account WHERE id = ? AND {REACHABLE}",  # noqa: S608
                (user,),
            )
        )
    )
    if account is None:
        return Departed("unknown")
    gone = yield (
        "UPDATE user_account SET status = 'deleted', status_reason = '', username = '', username_key = ?,"  # noqa: S608
        " password_hash = '', personal_prompt = '', preferences = '{}', group_id = NULL, ver = ver + 1"
        f" WHERE id = ? AND {REACHABLE} AND EXISTS (SELECT 1 FROM user_account a WHERE a.role = 'admin'"
        " AND a.status = 'active' AND a.id <> user_account.id AND (a.id = ? OR user_account.id = ?))"
        " RETURNING id",
        (f"~-{user}", user, officer.id, officer.id),
    )
    if not gone:
        return Departed("last_admin")
    successor = (yield _ANOTHER_ADMIN, (user, officer.id))[0]["id"]
    yield "UPDATE bootstrap SET owner = ? WHERE owner = ?", (successor, user)
    yield "UPDATE user_account SET heir = ?, heir_folder = NULL WHERE heir = ?", (successor, user)
    yield _SITE_PICTURES, (successor, user)
    yield "DELETE FROM login_session WHERE owner = ?", (user,)
    for way in _WAYS_IN:
        yield f"DELETE FROM {way} WHERE owner = ?", (user,)  # noqa: S608
    if leaving.hand_over:
        yield from _name_heir(account, officer.id, now)
    else:
        yield "DELETE FROM share WHERE owner = ?", (user,)
    running = yield from stop_answers(user, "account_gone")
    was = {"username": account["username"], "role": account["role"], "status": account["status"]}
    data = "handed over" if leaving.hand_over else "deleted"
    act = "account.deleted" if leaving.own else "user.deleted"
    yield from note(officer, act, account, now, before=was, after={"data": data})
    return Departed("done", tuple(running))


def clear(user: int, limit: int = BATCH) -> Script[bool]:
    """Delete or hand over the next chats of a deleted account, then its row; True when all is done."""
    rows = yield (
        "UPDATE user_account SET ver = ver WHERE id = ? AND status = 'deleted'"
        " RETURNING id, heir, heir_folder",
        (user,),
    )
    account = one(rows)
    if account is None:
        return True
    chats = yield (
        "SELECT id, temporary, deleted_at FROM conversation WHERE owner = ? ORDER BY id LIMIT ?",
        (user, limit),
    )
    if not chats:
        if account["heir"]:
            yield from _hand_prompts(user, account["heir"])
        yield "DELETE FROM user_account WHERE id = ?", (user,)
        return True
    keeps = account["heir"] is not None
    kept = [row["id"] for row in chats if keeps and not row["temporary"] and row["deleted_at"] is None]
    going = [row["id"] for row in chats if row["id"] not in set(kept)]
    if going:
        yield f"DELETE FROM conversation WHERE id IN ({_marks(going)})", going  # noqa: S608
    if kept:
        yield from _hand_chats(user, account, kept)
    return False


def _name_heir(account: Row, heir: int, now: int) -> Script[None]:
    folder = yield (
        "INSERT INTO folder (owner, name, position, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        (heir, account["username"], 0, now),
    )
    yield (
        "UPDATE user_account SET heir = ?, heir_folder = ? WHERE id = ?",
        (heir, folder[0]["id"], account["id"]),
    )


def _hand_chats(user: int, account: Row, chats: list[int]) -> Script[None]:
    heir, marks = account["heir"], _marks(chats)
    folder = one(
        (yield "SELECT id FROM folder WHERE id = ? AND owner = ?", (account["heir_folder"] or 0, heir))
    )
    # Where a chat came from (`origin`) is unique for each owner: imported again it would be a new one.
    yield (
        "UPDATE conversation SET owner = ?, folder = ?, origin = NULL, pinned_at = NULL"  # noqa: S608
        f" WHERE id IN ({marks})",
        (heir, folder["id"] if folder else None, *chats),
    )
    yield f"UPDATE conversation_tag SET owner = ? WHERE conversation IN ({marks})", (heir, *chats)  # noqa: S608
    yield f"UPDATE share SET owner = ? WHERE conversation IN ({marks})", (heir, *chats)  # noqa: S608
    yield (
        "UPDATE stored_file SET owner = ? WHERE owner = ? AND id IN (SELECT f.file FROM message_file f"  # noqa: S608
        f" JOIN message m ON m.id = f.message WHERE m.conversation IN ({marks}))",
        (heir, user, *chats),
    )
    yield (
        f"UPDATE search_entry SET owner = ? WHERE kind = 'title' AND source IN ({marks})",  # noqa: S608
        (heir, *chats),
    )
    yield (
        "UPDATE search_entry SET owner = ? WHERE kind <> 'title' AND source IN"  # noqa: S608
        f" (SELECT id FROM message WHERE conversation IN ({marks}))",
        (heir, *chats),
    )


def _hand_prompts(user: int, heir: int) -> Script[None]:
    """What everybody uses stays; where the heir has a prompt of that command already, theirs does."""
    yield (
        "UPDATE prompt SET owner = ? WHERE owner = ? AND shared = TRUE AND deleted_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM prompt o WHERE o.owner = ? AND o.command = prompt.command AND o.deleted_at IS NULL)",
        (heir, user, heir),
    )


def _marks(values: list[int]) -> str:
    return ", ".join("?" * len(values))
