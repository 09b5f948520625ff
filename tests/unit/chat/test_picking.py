"""Who is offered in the picker, in which group, and how much of it is on the page."""

from __future__ import annotations

from dataclasses import replace

from parley.catalogue.models import ModelRow
from parley.chat import pages
from parley.chat.picking import ALL, FIRST, MOST_FOUND, Wish, picker
from parley.chat.queries import Trouble
from parley.web.i18n import use_language


def model(id: str, *, connection: int = 1, provider: str = "openai", **more: object) -> ModelRow:
    row = ModelRow(
        id=id,
        name=id.upper(),
        connection_id=connection,
        connection_name=f"Connection {connection}",
        provider=provider,
        raw_id=id,
        available=True,
    )
    return replace(row, **more)  # type: ignore[arg-type]


def layout(shown: pages.ModelPicker) -> dict[str, list[str]]:
    return {group.label: [option.id for option in group.options] for group in shown.groups}


MODELS = [model("route:x", connection=0, provider="route"), model("a"), model("b"), model("c", connection=2)]


def test_each_model_stands_in_one_group_the_persons_own_first() -> None:
    wish = Wish(marks={"c": (True, 5), "b": (False, 9), "gone": (True, 1)})
    with use_language("en"):
        assert layout(picker(MODELS, wish)) == {
            "Favourites": ["c"],
            "Recent": ["b"],
            "Routes": ["route:x"],
            "Connection 1": ["a"],
        }


def test_the_default_of_the_person_is_chosen_for_a_new_chat_while_it_can_be_used() -> None:
    assert picker(MODELS, Wish(default="c")).current.id == "c"  # type: ignore[union-attr]
    assert picker(MODELS, Wish(default="gone")).current.id == "route:x"  # type: ignore[union-attr]
    assert picker(MODELS, Wish(current="b", default="c")).current.id == "b"  # type: ignore[union-attr]
    assert picker([], Wish()).current is None


def test_a_chosen_model_that_is_gone_is_shown_as_such_and_not_replaced() -> None:
    with use_language("en"):
        shown = picker(MODELS, Wish(current="old", current_name="Old one"))
    assert shown.current is not None
    assert (shown.current.name, shown.current.available) == ("Old one", False)
    assert layout(shown)["Not available"] == ["old"]


def test_embedding_and_image_models_are_not_offered() -> None:
    odd = [model("e", kind="embedding"), model("i", kind="image"), model("off", available=False), model("a")]
    assert layout(picker(odd, Wish())) == {"Connection 1": ["a"]}


def test_of_two_thousand_models_few_are_on_the_page_and_a_search_finds_the_rest() -> None:
    many = [model(f"m{n}", connection=n % 5) for n in range(2000)]
    wish = Wish(current="m1999", marks={"m1500": (True, 0), "m1600": (False, 3)})
    shown = picker(many, wish)
    ids = [option.id for option in shown.options]
    assert len(ids) == FIRST + 3
    assert {"m1999", "m1500", "m1600"} <= set(ids)
    assert shown.rest == 2000 - len(ids)
    found = picker(many, wish, "M17 connection")
    assert len(found.options) == MOST_FOUND
    assert found.kept is not None
    assert found.kept.id == found.current.id == "m1999"  # type: ignore[union-attr]
    assert picker(many, wish, "nothing").groups == []


def test_up_to_a_hundred_are_all_there() -> None:
    assert len(picker([model(f"m{n}") for n in range(ALL)], Wish()).options) == ALL


def test_a_failing_connection_says_why_and_since_when() -> None:
    with use_language("en"):
        shown = picker(MODELS, Wish(troubles={2: Trouble("authentication", 1_795_219_200_000)}))
    group = shown.groups[-1]
    assert group.trouble == "The provider refused the key."
    assert group.since is not None
    assert group.since.iso == "2026-11-21T00:00:00+00:00"
    assert [option.trouble for option in shown.options].count(group.trouble) == 1


def test_an_option_says_what_the_model_can_do() -> None:
    able = model("v", capabilities=("vision", "reasoning", "json"), context_window=128_000)
    with use_language("en"):
        option = picker([able], Wish()).options[0]
    assert [ability.label for ability in option.abilities] == ["sees pictures", "can reason"]
    assert (option.window, option.reasons, option.sees) == ("128k", True, True)
