"""The corpus through the renderer; tests/browser/test_xss.py shows it in a browser."""

from __future__ import annotations

import pytest

from parley.lib.halfopen import mended
from parley.lib.markdown import render_block, render_document
from tests.corpus.xss import EVERYTHING, MESSAGES
from tests.unit.markup import assert_harmless


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(set(MESSAGES)) >= 200


@pytest.mark.parametrize("payload", MESSAGES, ids=range(len(MESSAGES)))
def test_an_attack_comes_out_as_harmless_html(payload: str) -> None:
    assert_harmless(render_document(payload, prefix="p-"))
    assert_harmless(render_block(payload))
    assert_harmless(render_block(mended(payload[: len(payload) // 2]), colours=False))


def test_all_attacks_together_stay_harmless() -> None:
    assert_harmless(render_document("\n\n".join(EVERYTHING), prefix="p-"))
