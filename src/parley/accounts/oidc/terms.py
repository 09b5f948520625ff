"""What the site agreed with its provider, and what claims mean by it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from parley.accounts.names import name_fault
from parley.settings import signing
from parley.settings.catalogue import Values

DISCOVERY = "/.well-known/openid-configuration"
_LONGEST_NAME = 20
_STRANGE = re.compile(r"[^A-Za-z0-9_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7a3]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings of settings/signing.py, read once for a request."""

    issuer: str
    client_id: str
    scopes: str
    label: str
    username_claim: str
    admin_rule: str
    domains: tuple[str, ...]
    accounts: str  # "approval", "auto" or "no": alone decides about newcomers, whatever registration says
    passwords: bool  # whether everybody may sign in with one

    @classmethod
    def of(cls, values: Values) -> Terms:
        """The terms as they are now."""
        issuer = values[signing.ISSUER].removesuffix(DISCOVERY)
        client_id = values[signing.CLIENT_ID]
        listed = re.split(r"[\s,;]+", values[signing.DOMAINS].lower())
        return cls(
            issuer=issuer,
            client_id=client_id,
            scopes=values[signing.SCOPES],
            label=values[signing.LABEL],
            username_claim=values[signing.USERNAME_CLAIM],
            admin_rule=values[signing.ADMIN_RULE],
            domains=tuple(each for each in listed if each),
            accounts=values[signing.ACCOUNTS],
            passwords=values[signing.PASSWORDS] == "on" or not (issuer and client_id),
        )

    @property
    def is_set(self) -> bool:
        """Whether people can sign in at a provider."""
        return bool(self.issuer and self.client_id)

    def allows(self, claims: Mapping[str, object]) -> bool:
        """Whether the e-mail address is of an allowed domain, and verified; any where none is named."""
        if not self.domains:
            return True
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
            return False
        return email.rpartition("@")[2].lower() in self.domains

    def role(self, claims: Mapping[str, object]) -> str:
        """ "admin" or "user", by the rule; "" where there is none."""
        claim, _equals, wanted = (part.strip() for part in self.admin_rule.partition("="))
        if not claim:
            return ""
        found = claim_at(claims, claim)
        values = found if isinstance(found, list) else [found]
        return "admin" if any(_as_text(each) == wanted for each in values if each is not None) else "user"

    def wanted_claims(self) -> tuple[str, ...]:
        """The claims that decide something here."""
        rule = self.admin_rule.partition("=")[0].strip()
        return (
            self.username_claim,
            *((rule,) if rule else ()),
            *(("email", "email_verified") if self.domains else ()),
        )


def claim_at(claims: Mapping[str, object], path: str) -> object:
    """A claim by its name, or inside others by names with dots between; None where there is none."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def username_from(claims: Mapping[str, object], claim: str) -> str:
    """A name that fits our rules, from what the provider calls the person."""
    for path in (claim, "preferred_username", "email", "name"):
        said = claim_at(claims, path)
        if not isinstance(said, str):
            continue
        name = unicodedata.normalize("NFKC", said.partition("@")[0])
        name = _STRANGE.sub("_", name).strip("_")[:_LONGEST_NAME]
        name = name if len(name) >= 3 else f"{name}_user" if name else ""
        if name and name_fault(name) is None:
            return name
    return "user"


def names_like(name: str, distinct: str) -> list[str]:
    """`name`, then others for the case that it is taken; `distinct` is a random word at the end."""
    numbered = [f"{name[: _LONGEST_NAME - 1]}{number}" for number in range(2, 10)]
    return [name, *numbered, f"{name[: _LONGEST_NAME - 1 - len(distinct)]}_{distinct}"]


def _as_text(value: object) -> str:
    return "true" if value is True else "false" if value is False else str(value)
