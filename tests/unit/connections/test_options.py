"""Authentication, headers, body and the rest of what may be said about a connection."""

from __future__ import annotations

from typing import Any

import pytest

import parley.providers  # noqa: F401  fills the registry
from parley.connections.options import NO_OPTIONS, Options, clean_defaults, clean_options
from parley.lib.errors import Invalid
from parley.providers.base import REGISTRY

OPENAI = REGISTRY.get("openai")
AZURE = REGISTRY.get("azure")


@pytest.mark.parametrize(
    ("given", "field", "word"),
    [
        ({"nonsense": 1}, "nonsense", "authHeader"),
        ({"auth": "magic"}, "auth", "bearer, header, none"),
        ({"auth": "header"}, "authHeader", "X-API-Key"),
        ({"auth": "header", "authHeader": "Host"}, "authHeader", "belongs"),
        ({"auth": "header", "authHeader": "a b"}, "authHeader", "header"),
        ({"headers": []}, "headers", ""),
        ({"headers": ["a"]}, "headers", "at most 20"),
        ({"headers": {"Host": "a"}}, "headers", "“Host”"),
        ({"headers": {"content-length": "1"}}, "headers", "“content-length”"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "headers", "Transfer-Encoding"),
        ({"headers": {"Cookie": "a=b"}}, "headers", "“Cookie”"),
        ({"headers": {"Proxy-Authorization": "a"}}, "headers", "Proxy-Authorization"),
        ({"headers": {"Sec-Fetch-Site": "a"}}, "headers", "Sec-Fetch-Site"),
        ({"headers": {"X-A\r\nX-B": "a"}}, "headers", "cannot be set"),
        ({"headers": {"X-A": "a\r\nX-B: c"}}, "headers", "X-A"),
        ({"headers": {"X-A": ""}}, "headers", "X-A"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "headers", "twice"),
        ({"headers": {"Authorization": "Basic x"}}, "headers", "authorization"),
        ({"headers": {f"X-{n}": "1" for n in range(21)}}, "headers", "20"),
        ({"body": "text"}, "body", "JSON object"),
        ({"body": {"model": "x", "stream": False, "seed": 1}}, "body", "model, stream"),
        ({"body": {"a": "x" * 20_001}}, "body", "20000"),
        ({"reasoningTags": {"mode": "strange"}}, "reasoningTags", "custom"),
        ({"reasoningTags": {"mode": "custom", "open": "<a>"}}, "reasoningTags", "closing"),
        ({"reasoningTags": {"mode": "custom", "open": "<a>", "close": "<a>"}}, "reasoningTags", "another"),
        ({"reasoningTags": 3}, "reasoningTags", "default"),
    ],
)
def test_what_cannot_be_used_is_named_at_its_field(given: dict[str, Any], field: str, word: str) -> None:
    if given == {"headers": []}:
        assert clean_options(given, OPENAI, NO_OPTIONS)[1] == {}
        return
    with pytest.raises(Invalid) as refused:
        clean_options(given, OPENAI, NO_OPTIONS)
    assert word in refused.value.fields[f"options.{field}"]


def test_what_is_given_is_laid_over_what_is_stored() -> None:
    stored = Options(auth="bearer", body={"a": 1}, headers=("X-A",))
    options, headers = clean_options({"body": {"b": 2}}, OPENAI, stored)
    assert (options.auth, options.body, options.headers, headers) == ("bearer", {"b": 2}, ("X-A",), None)
    options, headers = clean_options({"body": None, "headers": {"X-B": None}}, OPENAI, stored)
    assert (options.body, headers) == ({}, {"X-B": None})


def test_the_kinds_own_options_are_texts_and_those_of_another_kind_are_forgotten() -> None:
    given = {"apiVersion": "2024-10-21", "deployments": {"gpt-4o": "mine", "gpt-5": "other"}}
    options, _headers = clean_options(given, AZURE, NO_OPTIONS)
    assert options.further == {"apiVersion": "2024-10-21", "deployments": "gpt-4o=mine, gpt-5=other"}
    assert clean_options({}, OPENAI, options)[0].further == {}
    with pytest.raises(Invalid, match="deployments"):
        clean_options({"deployments": {"a": {"b": "c"}}}, AZURE, NO_OPTIONS)
    with pytest.raises(Invalid, match="There is no such option"):
        clean_options({"apiVersion": "x"}, OPENAI, NO_OPTIONS)


def test_a_header_may_say_who_asks_where_no_key_does() -> None:
    given = {"auth": "none", "headers": {"Authorization": "Basic x"}}
    assert clean_options(given, OPENAI, NO_OPTIONS)[1] == {"Authorization": "Basic x"}


def test_defaults_say_which_value_cannot_be_used() -> None:
    assert clean_defaults({"sampling": {"temperature": 0.5}}).sampling.temperature == 0.5
    for wrong, word in (
        ({"sampling": {"temperature": 3}}, "defaults.sampling.temperature"),
        ({"sampling": {"heat": 1}}, "heat"),
        ({"reasoning": {"effort": "extreme"}}, "defaults.reasoning.effort"),
    ):
        with pytest.raises(Invalid, match=word):
            clean_defaults(wrong)
