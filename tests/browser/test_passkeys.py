"""Passkeys in a real browser, with an authenticator made of software."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import PASSWORD, Visitor, Workspace

# https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


def signed_in_by_name(chromium: Browser, workspace: Workspace) -> Visitor:
    """The administrator at the host name, not the address: browsers make no key for one."""
    named = replace(workspace, url=workspace.url.replace("127.0.0.1", "localhost"))
    visitor = Visitor.arrived(chromium, named, signed_in=False)
    visitor.go("/login")
    visitor.page.get_by_label("Username").fill("ada")
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.box).to_be_visible()
    return visitor


def take_away(page: Page) -> None:
    """Remove the only key; a wrong password is said where it was typed."""
    remove = page.locator(".ways summary")
    remove.click()
    asked = page.locator(".ways").get_by_label("Current password")
    asked.fill("not this one")
    asked.press("Enter")
    expect(page.get_by_role("alert").get_by_text("This is not your current password.")).to_be_visible()
    expect(asked).to_be_focused()
    asked.fill(PASSWORD)
    asked.press("Enter")
    expect(remove).to_have_count(0)


def test_a_passkey_is_made_signs_in_and_is_removed(chromium: Browser, workspace: Workspace) -> None:
    visitor = signed_in_by_name(chromium, workspace)
    page, device = visitor.page, visitor.keyboard()
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    visitor.go("/account/security")
    page.get_by_label("Name of the new passkey").fill("Laptop")
    page.get_by_label("Current password").fill("not this one")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert").get_by_text("This is not your current password.")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is kept.")).to_be_visible()
    expect(page.locator(".ways summary")).to_be_visible()

    visitor.context.clear_cookies()
    visitor.go("/login?next=/account/security")
    sign_in = page.get_by_role("button", name="Sign in with a passkey")
    unverified = {"authenticatorId": made["authenticatorId"], "isUserVerified": False}
    device.send("WebAuthn.setUserVerified", unverified)
    sign_in.click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    device.send("WebAuthn.setUserVerified", {**unverified, "isUserVerified": True})
    sign_in.click()
    expect(page.get_by_role("heading", name="Signing in", exact=True).first).to_be_visible()
    take_away(page)

    visitor.context.clear_cookies()
    visitor.go("/login")
    sign_in.click()  # the device still has the key; we do not
    expect(page.get_by_text("This passkey does not open any account here.")).to_be_visible()
    page.add_init_script("delete window.PublicKeyCredential")  # an older browser, or no https
    page.reload()
    expect(page.get_by_label("Username")).to_be_visible()
    expect(sign_in).to_be_hidden()
    assert visitor.troubles == []
    visitor.context.close()
