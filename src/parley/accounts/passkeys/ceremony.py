"""The two ceremonies of Web Authentication, checked by py_webauthn.

Web Authentication level 3, https://www.w3.org/TR/webauthn-3/: a key is bound to the host name people see
(the relying party id) and to the origin. We ask for keys that the device finds by itself (discoverable) and
for user verification, so a passkey is possession and a finger or PIN at once: no second step follows.
The library comes with the first ceremony: 5 MB of certificates and CBOR that most sites never need.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

CHALLENGE_BYTES = 32
LONGEST_ID = 1400  # characters; 1023 bytes is the longest id there may be


class NotGenuine(Exception):
    """What the browser sent proves nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """Who we are to authenticators: our host name, and the origin pages come from."""

    id: str
    origin: str

    @classmethod
    def at(cls, address: str) -> Site | None:
        """The site at a public address; None where no browser offers passkeys (an IP address)."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(host, f"{parts.scheme}://{parts.netloc}") if host else None
        return None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is stored."""

    credential: str
    public_key: str
    sign_count: int


def new_challenge() -> str:
    """256 random bits, base64url."""
    return secrets.token_urlsafe(CHALLENGE_BYTES)


def creation_options(site: Site, handle: bytes, username: str, known: list[str], challenge: str) -> str:
    """What a browser needs to make a key, as JSON; `known` are ids of keys this account has already."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name="Parley",
        user_id=handle,
        user_name=username,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, challenge: str) -> str:
    """What a browser needs to sign in with any key it has for us, as JSON."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import UserVerificationRequirement

    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=base64url_to_bytes(challenge),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def made_key(site: Site, challenge: str, answer: str) -> NewKey:
    """The key a browser made for `challenge`; raises NotGenuine."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise NotGenuine from error
    credential = bytes_to_base64url(made.credential_id)
    if len(credential) > LONGEST_ID:
        raise NotGenuine
    return NewKey(credential, bytes_to_base64url(made.credential_public_key), made.sign_count)


def credential_of(answer: str) -> str:
    """The id of the key a browser signed with, unchecked; raises NotGenuine."""
    try:
        found = msgspec.json.decode(answer)["id"]
    except (msgspec.DecodeError, RecursionError, KeyError, TypeError) as error:
        raise NotGenuine from error
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID:
        raise NotGenuine
    return found.replace("\0", "")


def proven(site: Site, challenge: str, answer: str, key: NewKey) -> int:
    """The key's new count of signatures when `answer` signs `challenge` with it; raises NotGenuine."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        proof = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise NotGenuine from error
    return proof.new_sign_count
