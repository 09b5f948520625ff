"""How the pages behave for a person: chosen in a plain form, drawn into every page."""

import pytest

from parley.accounts.habits import Habits, stored_habits, to_store, typed_habits
from parley.lib.errors import Invalid
from tests.world import World

pytestmark = pytest.mark.one_engine
CHOSEN = {"enter": "ctrl", "density": "snug", "notify": "1"}


async def test_choices_are_kept_and_drawn_into_the_page_of_that_person_only(world: World) -> None:
    form = {**CHOSEN, "_csrf": world.member.csrf}
    answer = await world.member.pages.post("/account/preferences", data=form)
    assert answer.status_code == 303
    html = (await world.member.pages.get("/account/sessions")).text.partition("<head>")[0]
    for said in ('data-enter="ctrl"', 'data-density="snug"', 'data-reasoning="closed"', "data-notify"):
        assert said in html
    assert "data-aloud" not in html
    assert 'data-enter="send"' in (await world.outsider.pages.get("/account/sessions")).text


async def test_a_value_nobody_offers_changes_nothing(world: World) -> None:
    answer = await world.member.pages.post("/account/preferences", data={"enter": "shout", "density": "snug"})
    assert answer.status_code == 400
    assert 'data-density="comfortable"' in (await world.member.pages.get("/account/preferences")).text


async def test_the_form_shows_what_holds(world: World) -> None:
    await world.member.pages.post("/account/preferences", data=CHOSEN)
    page = (await world.member.pages.get("/account/preferences")).text
    assert 'value="ctrl" checked' in page
    assert 'name="notify" value="1" checked' in page
    assert 'name="aloud" value="1" checked' not in page


async def test_all_account_pages_are_one_navigation(world: World) -> None:
    for person, tree in ((world.member, False), (world.admin, True)):
        page = (await person.pages.get("/account/preferences")).text
        assert page.count('href="/account/sessions"') == 2  # in the tree and in the menu
        assert ('href="/admin/users"' in page) is tree


def test_what_a_newer_version_stored_means_the_defaults() -> None:
    assert stored_habits('{"enter": "telepathy"}') == stored_habits("broken") == stored_habits("") == Habits()
    kept = Habits(enter="ctrl", aloud=True)
    assert stored_habits(to_store(kept)) == kept


def test_switches_that_are_not_sent_are_off() -> None:
    assert typed_habits({}) == Habits(reasoning="closed")
    with pytest.raises(Invalid):
        typed_habits({"density": "x"})
