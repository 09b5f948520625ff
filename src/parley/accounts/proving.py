"""What a page asks for before an act that `reassuring` guards: the password, or to sign in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.accounts.oidc.queries import identities
from parley.accounts.oidc.service import button, terms_of
from parley.accounts.pages import Proof
from parley.accounts.passkeys.queries import keys_of
from parley.accounts.queries import user_by_id
from parley.accounts.reassuring import is_fresh
from parley.accounts.reassuring import reassure as reassure  # what guards the act behind the page

if TYPE_CHECKING:
    from parley.resources import Resources


async def proof_of(resources: Resources, actor: Actor, target: str) -> Proof:
    """What is asked of this actor on the page at `target` (below the root path), where they come back to."""
    db = resources.db
    user = await user_by_id(db, actor.id)
    if user and user["password_hash"]:
        return Proof(target=target)
    if await is_fresh(db, actor):
        return Proof(target=target, password=False)
    terms = await terms_of(resources)
    known = any(
        row["issuer"].rstrip("/") == terms.issuer.rstrip("/") for row in await identities(db, actor.id)
    )
    return Proof(
        target=target,
        password=False,
        stale=True,
        provider=button(terms) if known else "",
        passkeys=bool(await keys_of(db, actor.id)),
    )
