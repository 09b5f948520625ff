"""The settings about signing in at a provider of the organisation (OpenID Connect). Pure."""

from __future__ import annotations

import re

from parley.settings.catalogue import CARDS, choice, declared, text
from parley.web.i18n import N_

CARDS["signing"] = N_("Signing in")

_ISSUER = re.compile(r"https?://[^\s/?#@\\]+(/[^\s?#\\]*)?")
_RULE = re.compile(r"[^\s=]+\s*=\s*\S.*")
_DOMAINS = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z0-9-]+([\s,;]+[A-Za-z0-9.-]+\.[A-Za-z0-9-]+)*")
SWITCH = (("on", N_("On")), ("off", N_("Off")))


def is_issuer(text: str) -> bool:
    """Whether a provider can be found there."""
    return not text or _ISSUER.fullmatch(text) is not None


def is_rule(text: str) -> bool:
    """Whether it is "claim=value"."""
    return not text or _RULE.fullmatch(text) is not None


def are_domains(text: str) -> bool:
    """Whether it is a list of domains."""
    return not text or _DOMAINS.fullmatch(text) is not None


def has_openid(text: str) -> bool:
    """Whether the scopes ask for an ID token."""
    return "openid" in text.split()


ISSUER = declared(
    text(
        "signing.issuer",
        N_("Address of the provider"),
        N_("The issuer, like https://id.example.org/realms/staff. Empty: nobody signs in at a provider."),
        300,
        rule=(is_issuer, N_("It begins with https:// and has no question mark.")),
    )
)
CLIENT_ID = declared(
    text("signing.client_id", N_("Client id"), N_("What the provider knows Parley by."), 200)
)
SCOPES = declared(
    text(
        "signing.scopes",
        N_("Scopes"),
        N_("What the provider is asked for, with spaces between."),
        300,
        default="openid profile email",
        rule=(has_openid, N_("“openid” must be one of them.")),
    )
)
LABEL = declared(
    text(
        "signing.label",
        N_("Words on the button"),
        N_("Like “Sign in with Example”. Empty: “Sign in with your organisation”."),
        60,
    )
)
USERNAME_CLAIM = declared(
    text(
        "signing.username_claim",
        N_("Claim for the username"),
        N_("New accounts are named by it. Of an e-mail address the part before the @ is taken."),
        100,
        default="preferred_username",
    )
)
ADMIN_RULE = declared(
    text(
        "signing.admin_rule",
        N_("Who is an administrator"),
        N_(
            "claim=value, like groups=parley-admins; realm_access.roles=admin looks inside. Accounts the"
            " provider made follow it at each sign-in, others and invited ones keep their role. Empty: nobody"
            " becomes one."
        ),
        200,
        rule=(is_rule, N_("Write it as claim=value.")),
    )
)
DOMAINS = declared(
    text(
        "signing.domains",
        N_("Allowed e-mail domains"),
        N_("With commas between. The provider must have verified the address. Empty: everybody there."),
        500,
        rule=(are_domains, N_("Domains like example.org, with commas between.")),
    )
)
ACCOUNTS = declared(
    choice(
        "signing.accounts",
        "approval",
        N_("People without an account"),
        N_(
            "When somebody comes from the provider for the first time. This alone decides, also while"
            " registration is closed or by invitation. With an invitation link they are let in at once with"
            " the role of the link, unless registration is closed."
        ),
        (
            ("approval", N_("Approved by an administrator")),
            ("auto", N_("Let in at once")),
            ("no", N_("Turned away")),
        ),
    )
)
PASSWORDS = declared(
    choice(
        "signing.passwords",
        "on",
        N_("Signing in with a password"),
        N_("Off: with a provider set up, only administrators get in with a password, at /login?local=1."),
        SWITCH,
    )
)
