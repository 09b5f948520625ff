"""Sentences for what is recorded in the audit log. Pure."""

from __future__ import annotations

from parley.web.i18n import N_, _, ngettext

ACTS = {
    "audit.shortened": N_("Removed old entries of the audit log"),
    "backup.deleted": N_("Deleted a backup"),
    "backup.downloaded": N_("Downloaded a backup"),
    "backup.made": N_("Made a backup"),
    "connection.added": N_("Added a connection"),
    "connection.changed": N_("Changed a connection"),
    "connection.deleted": N_("Deleted a connection"),
    "connections.exported": N_("Exported the connections"),
    "group.created": N_("Made a group"),
    "group.deleted": N_("Deleted a group"),
    "group.renamed": N_("Renamed a group"),
    "invitation.created": N_("Made an invitation"),
    "invitation.revoked": N_("Took an invitation back"),
    "login.failed": N_("Typed a wrong password"),
    "login.locked": N_("Tried too often to sign in"),
    "login.succeeded": N_("Signed in to their account"),
    "logout": N_("Signed out"),
    "model.changed": N_("Changed models"),
    "model.reset": N_("Took back what was said about models"),
    "oidc.linked": N_("Linked an identity for signing in"),
    "oidc.secret_changed": N_("Changed the secret of the sign-in service"),
    "oidc.secret_removed": N_("Removed the secret of the sign-in service"),
    "oidc.unlinked": N_("Unlinked an identity for signing in"),
    "passkey.added": N_("Added a passkey"),
    "passkey.removed": N_("Removed a passkey"),
    "password.changed": N_("Changed their password"),
    "quota.applied": N_("Applied a quota to everyone"),
    "quota.changed": N_("Changed a quota"),
    "quota.deleted": N_("Deleted a quota"),
    "quota.reset": N_("Reset a quota"),
    "route.added": N_("Added a route"),
    "route.changed": N_("Changed a route"),
    "route.deleted": N_("Deleted a route"),
    "session.revoked": N_("Signed devices out"),
    "setting.changed": N_("Changed a setting"),
    "trace.deleted": N_("Deleted a trace"),
    "traces.cleaned": N_("Cleared old traces away"),
    "twofactor.codes_renewed": N_("Made new recovery codes"),
    "twofactor.disabled": N_("Turned two-factor sign-in off"),
    "twofactor.enabled": N_("Turned two-factor sign-in on"),
    "twofactor.recovered": N_("Signed in with a recovery code"),
    "twofactor.removed": N_("Removed somebody’s two-factor sign-in"),
    "user.approved": N_("Approved an account"),
    "user.created": N_("Made an account"),
    "user.deleted": N_("Deleted an account"),
    "user.disabled": N_("Disabled an account"),
    "user.enabled": N_("Enabled an account"),
    "user.made_admin": N_("Made somebody an administrator"),
    "user.made_user": N_("Took administration from somebody"),
    "user.moved": N_("Moved an account to a group"),
    "user.registered": N_("Signed up"),
    "user.rejected": N_("Declined an account"),
    "user.reset_link_made": N_("Made a link for a new password"),
    "user.role_followed": N_("Took a role from the sign-in service"),
    "user.signed_out": N_("Signed somebody out everywhere"),
    "websearch.address_changed": N_("Changed the address of a search engine"),
    "websearch.key_changed": N_("Changed the key of a search engine"),
    "websearch.key_removed": N_("Removed the key of a search engine"),
}
KINDS = {
    "backup": N_("Backup"),
    "connection": N_("Connection"),
    "group": N_("Group"),
    "invitation": N_("Invitation"),
    "model": N_("Model"),
    "route": N_("Route"),
    "search engine": N_("Search engine"),
    "setting": N_("Setting"),
    "trace": N_("Trace"),
    "user": N_("Account"),
}


def sentence(act: str) -> str:
    """What was done, in the reader's language; an act without words stands for itself."""
    return _(ACTS[act]) if act in ACTS else act


def subject_words(subject: str) -> str:
    """What it was done to, in the reader's language: "user 3" and the like; others as they are."""
    many, _between, of = subject.partition(" ")
    if of == "settings" and many.isdecimal():
        return ngettext("%(n)s setting", "%(n)s settings", int(many))
    if of == "models" and many.isdecimal():
        return ngettext("%(n)s model", "%(n)s models", int(many))
    if many == "entries":
        first, _between, last = of.partition(" to ")
        return _("Entries %(first)s to %(last)s", first=first, last=last)
    for kind, word in KINDS.items():
        if subject.startswith(f"{kind} "):
            return f"{_(word)}{subject.removeprefix(kind)}"
    return subject


def subject_meant(text: str) -> str:
    """The stored subject of what `subject_words` made of it, for who types what they read; else ""."""
    for kind, word in KINDS.items():
        shown = f"{_(word)} ".casefold()
        if text.casefold().startswith(shown):
            return f"{kind} {text[len(shown) :]}"
    return ""
