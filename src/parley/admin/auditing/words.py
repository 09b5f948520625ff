"""Sentences for what is recorded in the audit log. Pure."""

from __future__ import annotations

from parley.web.i18n import N_, _

ACTS = {
    "backup.deleted": N_("Deleted a backup"),
    "backup.downloaded": N_("Downloaded a backup"),
    "backup.made": N_("Made a backup"),
    "backup.restored": N_("Restored a backup"),
    "connection.added": N_("Added a connection"),
    "connection.changed": N_("Changed a connection"),
    "connection.deleted": N_("Deleted a connection"),
    "login.failed": N_("Typed a wrong password"),
    "login.locked": N_("Tried too often to sign in"),
    "login.succeeded": N_("Signed in"),
    "logout": N_("Signed out"),
    "model.changed": N_("Changed models"),
    "model.reset": N_("Took back what was said about models"),
    "password.changed": N_("Changed their password"),
    "route.added": N_("Added a route"),
    "route.changed": N_("Changed a route"),
    "route.deleted": N_("Deleted a route"),
    "session.revoked": N_("Signed devices out"),
    "setting.changed": N_("Changed a setting"),
    "trace.deleted": N_("Deleted a trace"),
    "traces.cleaned": N_("Cleared old traces away"),
    "twofactor.recovered": N_("Signed in with a recovery code"),
    "twofactor.removed": N_("Turned two-factor sign-in off"),
    "user.approved": N_("Approved an account"),
    "user.disabled": N_("Disabled an account"),
    "user.enabled": N_("Enabled an account"),
    "user.made_admin": N_("Made somebody an administrator"),
    "user.made_user": N_("Took administration from somebody"),
    "user.registered": N_("Registered"),
    "user.rejected": N_("Declined an account"),
}


def sentence(act: str) -> str:
    """What was done, in the reader's language; an act without words stands for itself."""
    return _(ACTS[act]) if act in ACTS else act
