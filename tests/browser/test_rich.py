"""What stands in answers beside text: code, tables, formulas, diagrams, previews, pictures, footnotes."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FilePayload, expect

from tests.browser.test_looks import violations
from tests.browser.visitor import Visitor, Workspace
from tests.browser.written import write
from tests.unit.files.drawings import picture

Visit = Callable[..., Visitor]
FENCE = "```"
CLIPBOARD = "() => navigator.clipboard.readText()"
LONG = "".join(f"print({number})\n" for number in range(40))
CODE = f"{FENCE}python src/app.py\n{LONG}{FENCE}\n\n{FENCE}js\nconst a = '<b>';\n{FENCE}"
WIDE = " | ".join(f"column number {number}" for number in range(9))
TABLE = (
    f'| {WIDE} |\n|{"---|" * 9}\n| "a, b" | -1 | =1+1 | 南方 | x\\|y | $x^2$ | [l](https://a.example) | | z |'
)
SUMS = (
    r"Costs $5 and $6. In $a+b$ and \(c\), $\ce{H2O}$."
    "\n\n$$\nx^2\n$$\n\n\\[\ny\n\\]\n\n" + r"$\broken{$"
)
DIAGRAM = (
    f"{FENCE}mermaid\nflowchart LR\n A[Ask] --> B[Answer]\n{FENCE}\n\n{FENCE}mermaid\nno such thing\n{FENCE}"
)
PAGE = """<h1>Made</h1><button onclick="location = 'https://evil.example/'">Leave</button><script>
document.body.dataset.origin = origin;
try { document.body.dataset.parent = parent.document.title; } catch { document.body.dataset.parent = 'no'; }
fetch('/api/sessions').catch(() => { document.body.dataset.net = 'no'; });
open('https://evil.example/'); new Image().src = 'https://evil.example/i.png';
</script>"""
MADE = f"{FENCE}html\n{PAGE}\n{FENCE}"


def test_code_is_folded_copied_wrapped_and_saved(visit: Visit, workspace: Workspace) -> None:
    window = visit()
    page = window.page
    window.go(f"/chat/{write(workspace, [CODE])}")
    long, short = page.locator("figure.code").all()
    unfold = long.get_by_role("button", name="Show all 40 lines")
    folded = long.locator("pre").evaluate("pre => [pre.clientHeight, pre.scrollHeight]")
    assert folded[0] < folded[1]
    unfold.press("Enter")
    expect(long.get_by_role("button", name="Show fewer lines")).to_have_attribute("aria-expanded", "true")
    assert long.locator("pre").evaluate("pre => pre.clientHeight === pre.scrollHeight")
    long.get_by_role("button", name="Copy").click()
    window.wait_for_copy("text === value", LONG)
    with page.expect_download() as saving:
        long.get_by_role("button", name="Download").click()
    assert saving.value.suggested_filename == "app.py"
    assert saving.value.path().read_text() == LONG
    with page.expect_download() as saving:
        short.get_by_role("button", name="Download").click()
    assert saving.value.suggested_filename == "code.js"
    wrap = short.get_by_role("button", name="Wrap long lines")
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "true")
    expect(short.locator("pre")).to_have_css("white-space", "pre-wrap")


def test_code_read_while_it_was_written_is_not_folded_then(visitor: Visitor) -> None:
    visitor.ask("show me code")
    visitor.wait_for_first_words()  # the page is there while it is written
    visitor.wait_for_end()
    expect(visitor.answers.last).to_have_attribute("data-live", "")


def test_a_table_scrolls_in_itself_and_is_copied_as_csv(visit: Visit, workspace: Workspace) -> None:
    window = visit(width=390, touch=True)
    window.go(f"/chat/{write(workspace, [TABLE])}")
    box = window.page.locator(".table")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert window.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    expect(window.page.locator("[data-math][data-drawn]")).to_be_attached()
    window.page.get_by_role("button", name="Copy as CSV").click()
    expect(window.page.locator("#say")).to_have_text("Copied")
    head, row, end = window.page.evaluate(CLIPBOARD).split("\r\n")
    assert head == WIDE.replace(" | ", ",")
    assert row == '"""a, b""",-1,=1+1,南方,x|y,x^2,l,,z'
    assert end == ""


def test_formulas_are_drawn_and_money_stays_text(visit: Visit, workspace: Workspace) -> None:
    window = visit()
    window.go(f"/chat/{write(workspace, [SUMS])}")
    expect(window.page.locator(".prose .katex")).to_have_count(5)
    expect(window.page.locator(".prose .katex-display")).to_have_count(2)
    expect(window.page.locator(".prose annotation").nth(2)).to_contain_text(r"\ce{H2O}")
    expect(window.page.locator(".prose p").first).to_contain_text("Costs $5 and $6.")
    assert window.page.locator(".prose .katex").nth(2).locator(".mtight").count() > 0  # the 2 is small


def test_diagrams_are_drawn_near_the_view_in_the_colours_of_the_page(
    visit: Visit, workspace: Workspace
) -> None:
    window = visit()
    page = window.page
    window.go(f"/chat/{write(workspace, [DIAGRAM])}")
    good, bad = page.locator("[data-diagram]").all()
    image = good.get_by_role("img", name="Diagram")
    expect(image).to_be_visible()
    expect(good.locator("pre")).to_be_hidden()
    expect(bad.get_by_text("This diagram could not be drawn.")).to_be_visible()
    expect(bad.locator("pre")).to_be_visible()
    good.get_by_role("button", name="Source").click()
    expect(good.locator("pre")).to_contain_text("flowchart LR")
    good.get_by_role("button", name="Source").click()
    light = image.get_attribute("src")
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    page.wait_for_function("([image, was]) => image.src !== was", arg=[image.element_handle(), light])
    image.click()
    expect(page.locator("#lightbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".drawn")).to_be_focused()


def test_diagrams_of_the_next_chat_are_drawn_too(visit: Visit, workspace: Workspace) -> None:
    window = visit()
    chats = [write(workspace, [DIAGRAM]) for _ in range(2)]
    window.go(f"/chat/{chats[0]}")
    first = window.page.locator("[data-diagram]").first
    expect(first.get_by_role("img", name="Diagram")).to_be_visible()
    window.page.locator(f"#c{chats[1]} a").click()
    expect(window.page.locator("#stage")).to_have_attribute("data-conversation", str(chats[1]))
    expect(first.get_by_role("img", name="Diagram")).to_be_visible()


def test_a_preview_runs_only_when_asked_and_has_nothing_of_ours(visit: Visit, workspace: Workspace) -> None:
    window = visit()
    page = window.page
    asked: list[str] = []
    foreign: dict[str, str | None] = {}
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: foreign.update({request.url: request.failure}))
    window.go(f"/chat/{write(workspace, [MADE])}")
    button = page.get_by_role("button", name="Preview")
    expect(button).to_be_visible()
    assert not any("/frame/" in url for url in asked)
    button.press("Enter")
    frame = page.frame_locator("#preview iframe")
    body = frame.locator("body")
    expect(body).to_have_attribute("data-net", "no")
    assert [body.get_attribute(f"data-{name}") for name in ("origin", "parent")] == ["null", "no"]
    assert page.locator("#preview iframe").get_attribute("sandbox") == "allow-scripts"
    page.get_by_role("button", name="Full screen").click()
    assert page.locator("#preview").evaluate("box => box.clientWidth === innerWidth")
    frame.get_by_role("button", name="Leave").click()
    expect(frame.get_by_role("button", name="Leave")).to_have_count(0)  # the browser says that it is blocked
    page.get_by_role("button", name="Start again").click()
    frame.get_by_role("button", name="Leave").press("Escape")
    expect(page.locator("#preview")).to_be_hidden()
    button.press("Enter")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#preview")).to_be_hidden()
    expect(button).to_be_focused()
    assert len(window.context.pages) == 1
    stopped = {url: why for url, why in foreign.items() if "evil" in url}
    assert stopped.keys() == {url for url in asked if "evil" in url}
    assert set(stopped.values()) <= {"csp", "net::ERR_BLOCKED_BY_CSP"}
    refusals = ("Content Security Policy", "Blocked opening", "Unsafe attempt", "Framing", "frame navigation")
    window.troubles[:] = [each for each in window.troubles if not any(part in each for part in refusals)]


def test_pictures_open_in_full_one_after_the_other(visitor: Visitor) -> None:
    page = visitor.page
    sizes = [(900, 300), (300, 500)]
    page.locator("#pick").set_input_files(
        [FilePayload(name=f"{w}.png", mimeType="image/png", buffer=picture(size=(w, h))) for w, h in sizes]
    )
    expect(page.locator('#files [data-state="kept"]')).to_have_count(2)
    page.locator(".is-send").click()
    visitor.wait_for_end()
    page.reload()
    page.locator(".pics a").first.click()
    box, shown = page.locator("#lightbox"), page.locator("#lightbox img")
    expect(box).to_contain_text("1 / 2")
    expect(shown).to_have_js_property("naturalWidth", 900)
    page.keyboard.press("ArrowRight")
    expect(box).to_contain_text("2 / 2")
    expect(shown).to_have_js_property("naturalWidth", 300)
    page.keyboard.press("+")
    expect(box).to_contain_class("is-zoomed")
    page.keyboard.press("0")
    expect(box).not_to_contain_class("is-zoomed")
    with page.expect_download():
        page.get_by_role("link", name="Download").click()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator(".pics a").nth(1)).to_be_focused()


def test_footnotes_lead_there_and_back_without_leaving_the_chat(visit: Visit, workspace: Workspace) -> None:
    window = visit()
    twice = "One[^a].\n\n" + "Text.\n\n" * 60 + "[^a]: The note."
    chat = write(workspace, [twice, twice])
    window.go(f"/chat/{chat}")
    ids = window.page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len({one for one in ids if "fn" in one}) == 2
    last = window.answers.last
    last.get_by_role("link", name="1").press("Enter")
    expect(last.locator(".fns li")).to_be_focused()
    expect(last.locator(".fns li")).to_be_in_viewport()
    last.get_by_role("link", name="Back to the text").press("Enter")
    expect(last.get_by_role("link", name="1")).to_be_focused()
    assert window.path == f"/chat/{chat}"


def test_everything_together_is_accessible_in_both_themes(visit: Visit, workspace: Workspace) -> None:
    window = visit()
    page = window.page
    rest = "- [x] a\n- [ ] b\n\n[x](https://a.example) ![y](https://a.example/y.png)[^1]\n\n[^1]: z"
    both = "\n\n".join([TABLE, DIAGRAM, SUMS, rest])
    window.go(f"/chat/{write(workspace, [CODE, both, MADE])}")
    expect(page.locator(".is-drawn")).to_have_count(1)
    assert violations(page) == []
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    page.get_by_role("button", name="Preview").click()
    expect(page.frame_locator("#preview iframe").get_by_role("button")).to_be_attached()
    assert [each for each in violations(page) if "iframe" not in each] == []  # what a model made is its own
    page.keyboard.press("Escape")
    assert violations(page) == []
    window.troubles.clear()  # of the preview, which tries all it can


def test_links_and_foreign_pictures_show_where_they_lead(visit: Visit, workspace: Workspace) -> None:
    window = visit()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.go(
        f"/chat/{write(workspace, ['[the bank](https://evil.example) ![cat](https://evil.example/c.png)'])}"
    )
    for link in window.answer.get_by_role("link").all():
        expect(link).to_contain_text("evil.example")
        expect(link).to_have_attribute("target", "_blank")
        assert {"noopener", "nofollow", "ugc"} <= set(str(link.get_attribute("rel")).split())
    assert not any("evil" in url for url in asked)
