"""Why an upstream did not answer, in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

import parley.providers  # noqa: F401  fills the registry
from parley.connections.diagnosis import CAUSES, Cause, Symptoms, causes, sentence, status_in
from parley.providers.base import SENTENCES

GOOD = "https://api.example.com/v1"
BASE = Symptoms("server", "", "openai", GOOD, has_key=True)


@pytest.mark.parametrize(
    ("symptoms", "expected"),
    [
        (replace(BASE, code="authentication", status=401), "key"),
        (replace(BASE, code="authentication", status=401, has_key=False), "no_key"),
        (replace(BASE, code="authentication", status=403), "no_access"),
        (replace(BASE, code="model_not_found", status=404, base_url="https://a.example/api"), "add_v1"),
        (replace(BASE, code="model_not_found", status=404), "no_list"),
        (replace(BASE, code="model_not_found", status=404, listing=False), "path"),
        (replace(BASE, code="model_not_found", detail="model x", status=404, listing=False), "model"),
        (replace(BASE, code="model_not_found", status=302), "redirect"),
        (replace(BASE, code="malformed", status=200, content_type="text/html"), "web_page"),
        (replace(BASE, code="malformed", detail="There is a web page at this address."), "web_page"),
        (replace(BASE, code="malformed", status=200, content_type="text/plain"), "not_theirs"),
        (replace(BASE, code="server", status=502, content_type="text/html"), "proxy"),
        (replace(BASE, code="network", detail="the name cannot be resolved"), "dns"),
        (replace(BASE, code="network", detail="the certificate is not valid: expired"), "certificate"),
        (replace(BASE, code="network", detail="TLS failed: WRONG_VERSION_NUMBER"), "https"),
        (replace(BASE, code="network", detail="connection refused"), "not_running"),
        (replace(BASE, code="network", detail="no route to host"), "slow"),
        (replace(BASE, code="timeout"), "slow"),
        (replace(BASE, code="quota", status=402), "quota"),
        (replace(BASE, code="rate_limit", status=429), "rate"),
        (replace(BASE, code="overloaded", status=503), "theirs"),
        (replace(BASE, code="address"), "forbidden_address"),
        (replace(BASE, code="invalid_request", status=400), "request"),
        (replace(BASE, code="invalid_request", status=400, detail="API key not valid."), "key"),
        (replace(BASE, code="incomplete"), "broke_off"),
        (replace(BASE, code="key_unreadable"), "key_lost"),
    ],
)
def test_a_failure_has_a_likely_cause(symptoms: Symptoms, expected: str) -> None:
    assert [cause.code for cause in causes(symptoms)] == [expected]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_localhost_means_something_else_in_a_container(host: str) -> None:
    symptoms = replace(BASE, code="network", detail="connection refused", base_url=f"http://{host}:8000/v1")
    assert causes(symptoms) == (Cause("not_running"),)
    inside = causes(replace(symptoms, in_container=True))
    assert inside == (Cause("container", host),)
    assert "host.docker.internal" in sentence(inside[0])


@pytest.mark.parametrize(
    ("url", "kind", "label"),
    [
        ("https://api.anthropic.com/v1", "openai", "Anthropic"),
        ("https://mine.openai.azure.com/v1", "openai", "Azure OpenAI"),
        ("https://generativelanguage.googleapis.com/v1beta", "openai", "Google Gemini"),
        ("https://api.openai.com/v1", "anthropic", "OpenAI-compatible"),
        ("http://192.168.1.5:11434", "anthropic", "Ollama"),
    ],
)
def test_a_well_known_address_under_another_kind_is_recognised(url: str, kind: str, label: str) -> None:
    first = causes(replace(BASE, code="model_not_found", status=404, base_url=url, kind=kind))[0]
    assert first == Cause("other_kind", label)
    assert label in sentence(first)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://api.openai.com/v1", "openai-responses"),
        ("http://localhost:11434/v1", "openai"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "openai"),
    ],
)
def test_a_kind_that_works_there_too_is_not_blamed(url: str, kind: str) -> None:
    found = causes(replace(BASE, code="server", base_url=url, kind=kind))
    assert "other_kind" not in [cause.code for cause in found]


def test_every_class_of_failure_is_survived_and_every_cause_has_a_sentence() -> None:
    for code in [*SENTENCES, "of a newer version"]:
        for cause in causes(replace(BASE, code=code)):
            assert sentence(cause)
    assert all("%" not in sentence(Cause(code, "x")) for code in CAUSES)
    assert sentence(Cause("of a newer version")) == ""
    assert (status_in("No (HTTP 404)"), status_in("No")) == (404, 0)
