"""A running answer as htmx partials: whoever comes, goes and comes back sees what everybody sees."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from parley.chat.answers import AnswerLabels, AnswerView, End
from parley.chat.frames import partial
from parley.chat.growing import LONG_CODE, LONG_OPEN
from parley.lib.markdown import Labels, render_document
from tests.unit.lib.answers import ANSWERS
from tests.unit.lib.payloads import BREAKOUTS, HTMX, TAGS
from tests.unit.markup import Page, assert_harmless, parse

Fact = tuple[int, str, str]
ENDING = partial("#g7-acts", "outerHTML", '<div id="g7-acts">Retry</div>')
END = json.dumps(
    {"status": "done", "error": "", "code": "", "finish_reason": "stop", "usage": None, "metrics": None}
)
LONG_FENCE = "Look:\n\n```text\n" + "".join(f"line {n} of the log <b>\n" for n in range(700)) + "```\nDone.\n"
LONG_LINE = "word " * 8_000 + "\n\nend [a][1]\n\n[1]: https://a.example"
EDGES = [
    "a\r",
    "\nb",
    "\n\n",
    "```",
    "\n``",
    "`\n",
    "- x\n",
    "**b",
    "**",
    "$$\nx",
    "\n$$\n",
    "[a][1]",
    "\n\n[1]: http://x.y\n",
]
EXTRAS = [
    ("notice", '{"code":"too_long","text":"Cut <here>."}'),
    ("notice", '{"code":"waiting","seconds":12,"until":5,"model":"<b>"}'),
    ("notice", '{"code":"waiting","seconds":2}'),
    ("notice", '{"code":"fallback","text":"By X.","model":"X <b>","instead_of":"Y","reason":"rate_limit"}'),
    ("notice", "not json"),
    ("image", '{"file":7,"width":2,"height":1}'),
    ("image", '{"file":8}'),
    ("usage", "{}"),
    ("tool", "{}"),
]
TEXTS = st.sampled_from([*ANSWERS, LONG_FENCE, LONG_LINE, "".join(BREAKOUTS), "\n\n".join([*TAGS, *HTMX])])


@st.composite
def logs(draw: st.DrawFn) -> list[Fact]:
    """The facts of a whole generation: a text and a reasoning cut anywhere and mixed, notices, an end."""
    pieces: list[tuple[str, str]] = []
    for kind, text in (("reasoning", draw(TEXTS | st.just(""))), ("text", draw(TEXTS))):
        cuts = sorted({0, len(text), *draw(st.lists(st.integers(0, len(text)), max_size=12))})
        pieces += [(kind, text[a:b]) for a, b in itertools.pairwise(cuts)]
    for edge in draw(st.lists(st.sampled_from(EDGES), max_size=6)):
        pieces.insert(draw(st.integers(0, len(pieces))), (draw(st.sampled_from(["text", "reasoning"])), edge))
    for extra in draw(st.lists(st.sampled_from(EXTRAS), max_size=6)):
        pieces.insert(draw(st.integers(0, len(pieces))), extra)
    return [(seq, kind, data) for seq, (kind, data) in enumerate([*pieces, ("end", END)], 1)]


class Reader:
    """A browser: parses server-sent events as the HTML standard says and keeps the last event's id."""

    def __init__(self) -> None:
        self.page = Page(7)
        self.last = 0
        self.ids: list[int] = []
        self.done: str | None = None

    def receive(self, frame: bytes) -> None:
        assert b"\r" not in frame
        for event in frame.decode().removesuffix("\n\n").split("\n\n"):
            fields = [line.partition(": ")[::2] for line in event.split("\n")]
            assert {name for name, _ in fields} <= {"id", "event", "data"}
            data = "\n".join(value for name, value in fields if name == "data")
            self.last = int(dict(fields)["id"])
            self.ids.append(self.last)
            if dict(fields).get("event") == "done":
                self.done = json.loads(data)["state"]
            else:
                self.page.receive(data)


def view_of(facts: list[Fact], prefix: str = "", prefix_reasoning: str = "") -> AnswerView:
    view = AnswerView(7, prefix=prefix, prefix_reasoning=prefix_reasoning)
    for fact in facts:
        view.take(fact)
    return view


def watched(facts: list[Fact], stops: list[int], prefix: str = "", prefix_reasoning: str = "") -> Reader:
    """A reader that gets a frame after each of these seqs, and the end; one view draws them all."""
    reader, view = Reader(), AnswerView(7, prefix=prefix, prefix_reasoning=prefix_reasoning)
    for fact in facts:
        view.take(fact)
        if fact[0] in stops or fact[1] == "end":
            reader.receive(view.frame_after(reader.last, ENDING))
    return reader


@settings(max_examples=60, deadline=None)
@given(logs(), st.data())
def test_a_reader_who_comes_and_goes_ends_with_the_page_of_one_who_stayed(
    facts: list[Fact], data: st.DataObject
) -> None:
    stayed = watched(facts, list(range(1, len(facts) + 1)))
    wanderer = Reader()
    for stop in sorted(data.draw(st.sets(st.integers(1, len(facts)), max_size=6)) | {len(facts)}):
        view = view_of(facts[:stop])  # another process, or this one after a restart: nothing is remembered
        wanderer.receive(view.frame_after(wanderer.last, ENDING))
    assert wanderer.page.shape() == stayed.page.shape()
    assert wanderer.done == stayed.done == "complete"
    assert wanderer.ids[:-1] == sorted(set(wanderer.ids[:-1]))


@settings(max_examples=40, deadline=None)
@given(logs(), st.data())
def test_readers_agree_at_every_moment_not_only_at_the_end(facts: list[Fact], data: st.DataObject) -> None:
    stop = data.draw(st.integers(1, len(facts)))
    often = watched(facts[:stop], list(range(1, stop + 1)))
    once = watched(facts[:stop], [stop])
    assert often.page.shape() == once.page.shape()


@settings(max_examples=40, deadline=None)
@given(logs(), st.data())
def test_a_page_painted_in_the_middle_goes_on_like_all_others(facts: list[Fact], data: st.DataObject) -> None:
    stop = data.draw(st.integers(0, len(facts) - 1))
    first = view_of(facts[:stop]).snapshot()
    reader = Reader()
    painted = {
        "done": first.done,
        "open": first.open,
        "steps": first.steps,
        "notes": first.notes,
        "sum": first.summary,
        "by": escape(first.by),
        "wait": first.wait,
        "pics": first.pictures,
    }
    for name, html in painted.items():
        reader.page.receive(f'<hx-partial hx-target="#g7-{name}" hx-swap="innerHTML">{html}</hx-partial>')
    reader.last = first.seq
    reader.receive(view_of(facts).frame_after(reader.last, ENDING))
    assert reader.page.shape() == watched(facts, [len(facts)]).page.shape()


@settings(max_examples=60, deadline=None)
@given(logs(), st.sampled_from(["Half a sen", "- a\n- **b", "```py\nx = 1\n", "a\n\nb\n\n"]))
def test_a_continuation_goes_on_from_what_was_there(facts: list[Fact], prefix: str) -> None:
    before = {"prefix": prefix, "prefix_reasoning": "I thought\n\nthat"}
    text = prefix + "".join(data for _, kind, data in facts if kind == "text")
    end = view_of(facts, **before).snapshot()
    assert "".join(end.done.split()) == "".join(render_document(text).split())
    stayed = watched(facts, list(range(1, len(facts) + 1)), **before)
    assert stayed.page.shape() == watched(facts, [], **before).page.shape()


@settings(max_examples=30, deadline=None)
@given(logs())
def test_the_finished_page_shows_the_whole_document(facts: list[Fact]) -> None:
    text = "".join(data for _, kind, data in facts if kind == "text")
    shown = view_of(facts).snapshot()
    assert "".join(shown.done.split()) == "".join(render_document(text).split())
    assert shown.open == ""
    assert "data-open" not in shown.steps


def test_every_frame_of_an_attack_is_harmless() -> None:
    text = "\n\n".join([*TAGS, *HTMX, *BREAKOUTS])
    view = AnswerView(7)
    for seq, at in enumerate(range(0, len(text), 13), 1):
        view.take((seq, "reasoning" if at % 2 else "text", text[at : at + 13]))
        for part in re.findall(
            r"(?s)<hx-partial [^\n]*?\">(.*?)</hx-partial>", view.frame_after(seq - 1).decode()
        ):
            html = part.replace("\ndata: ", "\n").replace(" data-open", "").replace(' data-state="run"', "")
            assert_harmless(html)


def test_the_first_frame_replaces_and_may_come_twice() -> None:
    facts = [(1, "reasoning", "why\n\nnot"), (2, "text", "one\n\ntwo")]
    reader, frame = Reader(), view_of(facts).frame_after(0)
    reader.receive(frame)
    shape = reader.page.shape()
    reader.receive(frame)
    assert reader.page.shape() == shape


def test_a_finished_block_is_sent_once_and_only_the_open_one_is_drawn_again() -> None:
    view = view_of([(1, "text", "one **bold**\n\ntwo"), (2, "text", " and")])
    frame = view.frame_after(1).decode()
    assert "bold" not in frame
    assert frame.count("hx-partial hx-target") == 1
    assert 'hx-target="#g7-open" hx-swap="innerMorph"><p>two and</p>' in frame


def test_open_code_is_plain_and_hides_a_half_written_fence() -> None:
    view = view_of([(1, "text", "```py\ndef f(): pass\n``")])
    assert parse(view.snapshot().open).text().strip() == "PythonCopydef f(): pass"
    assert "<span class" not in view.snapshot().open
    view.take((2, "text", "`\n"))
    assert '<span class="k">' in view.snapshot().done


@pytest.mark.parametrize(
    ("start", "limit"), [("```text\n", LONG_CODE), ("", LONG_OPEN)], ids=["a fence", "an endless line"]
)
def test_of_a_long_open_block_only_the_news_are_sent(start: str, limit: int) -> None:
    view = view_of([(1, "text", start + "x" * (limit + 1)), (2, "text", "<new>")])
    frame = view.frame_after(1)
    assert len(frame) < 200
    assert b'hx-target="#g7-code" hx-swap="beforeend">&lt;new&gt;</hx-partial>' in frame


def test_the_fold_says_whether_the_model_still_thinks() -> None:
    view = view_of([(1, "reasoning", "Let me see.")])
    assert view.snapshot().summary == "Thinking…"
    assert 'data-open data-state="run"' in view.snapshot().steps
    view.take((2, "text", "So"))
    assert view.snapshot().summary == "Reasoning"
    assert "data-state" not in view.snapshot().steps


def test_after_the_end_the_fold_says_how_long_it_thought() -> None:
    labels = AnswerLabels(thought=lambda ms: "Reasoning" if ms is None else f"Thought for {ms:.0f} ms")
    view = AnswerView(7, labels)
    view.take((1, "reasoning", "Let me see."))
    view.take((2, "text", "So"))
    assert view.snapshot().summary == "Reasoning"
    view.take((3, "end", '{"status":"done","metrics":{"reasoningMs":7000}}'))
    assert b'hx-target="#g7-sum" hx-swap="innerHTML">Thought for 7000 ms<' in view.frame_after(2)


def test_a_wait_is_shown_until_anything_follows() -> None:
    view = view_of([(1, "notice", '{"code":"waiting","seconds":12}')])
    assert view.snapshot().wait == "<p>12</p>"
    assert view.snapshot().notes == ""
    view.take((2, "notice", '{"code":"waiting","seconds":3}'))
    assert b'hx-target="#g7-wait" hx-swap="innerHTML"><p>3</p>' in view.frame_after(1)
    view.take((3, "text", "So"))
    assert view.snapshot().wait == ""
    assert b'hx-target="#g7-wait" hx-swap="innerHTML"></hx-partial>' in view.frame_after(2)


def test_a_model_that_stepped_in_is_named_at_once() -> None:
    view = view_of([(1, "notice", '{"code":"fallback","model":"<X>"}')])
    assert view.snapshot().by == "<X>"
    assert b'hx-target="#g7-by" hx-swap="innerHTML">&lt;X&gt;<' in view.frame_after(0)


def test_a_continuation_keeps_the_pictures_that_were_there() -> None:
    before = Markup("<i>old</i>")
    view = AnswerView(7, prefix="x", prefix_pictures=before)
    view.take((1, "image", '{"file":9}'))
    assert view.snapshot().pictures == "<i>old</i><p>9</p>"
    assert b'beforeend"><p>9</p></hx-partial>' not in view.frame_after(0)
    view.take((2, "image", '{"file":10}'))
    assert b'hx-target="#g7-pics" hx-swap="beforeend"><p>10</p></hx-partial>' in view.frame_after(1)


def test_without_reasoning_there_is_no_summary() -> None:
    assert view_of([(1, "text", "Hi")]).snapshot().summary == ""


def test_words_are_those_of_the_reader() -> None:
    labels = AnswerLabels(
        Labels(copy="复制"),
        "思考中…",
        lambda ms: "思考过程",
        lambda data: Markup("提示：{}").format(data["code"]),
    )
    view = AnswerView(7, labels)
    for fact in [(1, "reasoning", "x"), (2, "text", "```\nx\n```\n"), (3, "notice", '{"code":"<too_long>"}')]:
        view.take(fact)
    shown = view.snapshot()
    assert (shown.summary, "复制" in shown.done) == ("思考过程", True)
    assert "提示：&lt;too_long&gt;" in shown.notes


@pytest.mark.parametrize(
    ("status", "state"),
    [("done", "complete"), ("cancelled", "stopped"), ("error", "failed"), ("interrupted", "failed")],
)
def test_the_end_says_how_it_ended(status: str, state: str) -> None:
    assert End(status=status).state == state


def test_an_end_that_cannot_be_read_is_a_failure() -> None:
    view = view_of([(1, "end", "not json")])
    assert view.end == End()
    assert b'data: {"state":"failed"}' in view.frame_after(0)


def test_a_seq_from_a_log_that_was_deleted_gets_everything() -> None:
    retold = [(1, "text", "The whole answer."), (2, "end", END)]
    for after in (1, 2, 57):
        reader = Reader()
        reader.receive(view_of(retold).frame_after(after, ENDING))
        assert reader.page.shape() == watched(retold, [2]).page.shape()
        assert reader.last >= after


def test_facts_come_in_order_and_none_after_the_end() -> None:
    view = view_of([(1, "text", "a"), (2, "tool", "{}")])
    with pytest.raises(ValueError, match="fact 4 after 2"):
        view.take((4, "text", "b"))
    view.take((3, "end", END))
    with pytest.raises(ValueError, match="fact 4 after 3"):
        view.take((4, "text", "b"))


def test_much_unrendered_text_is_called_heavy_until_it_is_rendered() -> None:
    view = view_of([(1, "text", "```py\n" + "x = 1\n" * 5_000 + "```\n")])
    assert view.is_heavy
    view.render()
    assert not view.is_heavy
    view.take((2, "end", END))
    assert view.is_heavy
    view.render()
    assert not view.is_heavy


def test_a_fence_whose_first_line_is_very_long_keeps_its_place() -> None:
    """Only when its line ends is it known to be code: what was shown as text until then is drawn anew."""
    facts: list[Fact] = [(1, "text", "```" + "x" * 9000), (2, "text", "x\n"), (3, "text", "y" * 50)]
    facts.append((4, "text", "\nz\n"))
    assert watched(facts, [1, 2, 3, 4]).page.shape() == watched(facts, [4]).page.shape()
