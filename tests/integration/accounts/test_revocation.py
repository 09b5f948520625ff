"""What is open is cut within two seconds of its actor's rights."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from parley.accounts import revocation, scripts, service
from parley.accounts.revocation import cut_off
from parley.chat import streaming
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.lib.errors import NotSignedIn
from tests.world import PASSWORD, World

LIMIT_S = 12.0  # on a busy machine; it would look by itself after fifteen


def test_the_looks_of_those_who_hear_nothing_come_often_enough_for_two_seconds() -> None:
    assert LIMIT_S < revocation.CHECK_S
    assert revocation.CHECK_WITHOUT_HUB_S + streaming.TICK < 2


async def test_disabling_an_account_cuts_what_it_holds_open(world: World) -> None:
    assert world.member.actor
    assert world.outsider.actor
    async with (
        cut_off(world.member.actor, world.resources) as cut,
        cut_off(world.outsider.actor, world.resources) as other,
    ):
        await world.admin.api.post(f"/api/users/{world.member.id}/status", json={"status": "DISABLED"})
        await asyncio.wait_for(cut.wait(), LIMIT_S)
        assert not other.is_set()


async def test_signing_a_device_out_cuts_that_device_alone(world: World) -> None:
    assert world.member.actor
    elsewhere = await world.resources.db.write(
        scripts.open_session,
        scripts.NewSession(world.member.id, "another hash", "", "", life_ms=86_400_000),
        now_ms(),
    )
    there = replace(world.member.actor, session=elsewhere)
    async with (
        cut_off(there, world.resources) as cut,
        cut_off(world.member.actor, world.resources) as here,
    ):
        await world.member.pages.post(f"/account/sessions/{elsewhere}/revocation")
        await asyncio.wait_for(cut.wait(), LIMIT_S)
        assert not here.is_set()


async def test_signing_out_and_a_new_password_cut(world: World) -> None:
    assert world.member.actor
    assert world.outsider.actor
    async with cut_off(world.member.actor, world.resources) as cut:
        await world.member.api.post("/api/auth/logout")
        await asyncio.wait_for(cut.wait(), LIMIT_S)
    async with cut_off(world.outsider.actor, world.resources) as cut:
        await service.change_password(
            world.resources,
            service.Caller("", ""),
            world.outsider.actor,
            current="quiet otter 47 lamp",
            new="a longer word",
        )
        await asyncio.wait_for(cut.wait(), LIMIT_S)


async def test_an_approval_cuts_nothing(world: World) -> None:
    assert world.member.actor
    async with cut_off(world.member.actor, world.resources) as cut:
        revocation.announce(world.resources, user=world.member.id)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(cut.wait(), 0.3)
        assert not cut.is_set()


async def test_rights_that_went_before_one_began_to_listen_are_noticed(world: World) -> None:
    assert world.member.actor
    await world.admin.api.post(f"/api/users/{world.member.id}/status", json={"status": "DISABLED"})
    async with cut_off(world.member.actor, world.resources) as cut:
        await asyncio.wait_for(cut.wait(), LIMIT_S)


class DeafHub:
    """A hub whose Redis is away: it hears nothing and says so."""

    connected = False

    async def subscribe(self, channel: str, listener: object) -> None:
        """Accepted, to no avail."""

    def unsubscribe(self, channel: str, listener: object) -> None:
        """Forgotten."""


async def test_without_the_hub_the_database_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.member.actor
    monkeypatch.setattr(world.resources, "hub", DeafHub())
    async with cut_off(world.member.actor, world.resources) as cut:
        assert not cut.is_set()

        def disable() -> Script[None]:
            yield "UPDATE user_account SET status = 'disabled' WHERE id = ?", (world.member.id,)

        await world.resources.db.write(disable)
        await asyncio.wait_for(cut.wait(), LIMIT_S)


async def test_signing_in_over_an_old_sign_in_cuts_what_that_one_holds_open(world: World) -> None:
    assert world.member.actor
    browser = world.member.pages
    form = {"username": "outsider", "password": PASSWORD, "_csrf": world.member.csrf}
    async with cut_off(world.member.actor, world.resources) as cut:
        assert (await browser.post("/login", data=form)).status_code == 303
        await asyncio.wait_for(cut.wait(), LIMIT_S)


async def test_a_sign_in_that_a_new_password_outruns_opens_nothing(world: World) -> None:
    caller = service.Caller("127.0.0.1", "test")
    signing_in = await service.sign_in(world.resources, caller, username="member", password=PASSWORD)
    assert world.member.actor
    await service.change_password(
        world.resources, caller, world.member.actor, current=PASSWORD, new="another word 12"
    )
    with pytest.raises(NotSignedIn):
        await service.begin_session(world.resources, caller, signing_in)
