"""One Markdown text as it grows: finished blocks rendered once, the open one drawn again and again."""

from __future__ import annotations

from markupsafe import Markup, escape

from parley.lib.blocks import Splitter
from parley.lib.halfopen import mended
from parley.lib.markdown import Labels, as_written, code_figure, render_block

LONG_CODE = 8_192  # characters of an open fence from which only its new lines are sent
LONG_OPEN = 32_768  # characters of any other open block from which the same is done, as written


class GrowingText:
    """A text fed piece by piece. Sizes are characters of the open block, which only grows until it closes."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._splitter = Splitter()
        self._sources: list[str] = []
        self._html: list[Markup] = []  # of the first sources: as far as somebody asked

    @property
    def count(self) -> int:
        """How many blocks are finished."""
        return len(self._sources)

    @property
    def open_size(self) -> int:
        """Of the block being written; 0 between blocks."""
        return self._splitter.open_size

    @property
    def unrendered(self) -> int:
        """Characters of finished blocks that nobody has asked for yet."""
        return sum(len(source) for source in self._sources[len(self._html) :])

    def feed(self, seq: int, piece: str) -> None:
        """Take the next piece."""
        self._sources.extend(block.source for block in self._splitter.feed(seq, piece))

    def close(self, seq: int) -> None:
        """Finish the open block."""
        self._sources.extend(block.source for block in self._splitter.close(seq))

    def blocks(self, after: int = 0) -> list[Markup]:
        """The HTML of the finished blocks but the first `after`; each is rendered once."""
        while len(self._html) < len(self._sources):
            self._html.append(render_block(self._sources[len(self._html)], self._labels))
        return self._html[after:]

    @property
    def long_as(self) -> str:
        """How a long open block is shown, so that only its news are sent: code, text, or "" if short."""
        shape, most = ("text", LONG_OPEN) if self._splitter.open_fence is None else ("code", LONG_CODE)
        return shape if self.open_size > most else ""

    def open_html(self, code_id: str) -> Markup:
        """The open block for showing: code plain, half-open constructs closed, a long one in `code_id`."""
        source, info = self._splitter.open, self._splitter.open_fence
        if info is not None:
            shown = source[: self._shown(source, len(source))]
            html = code_figure(escape(shown.partition("\n")[2]), info, self._labels)
        elif self.long_as:
            html = as_written(source)
        else:
            return render_block(mended(source), self._labels, colours=False)
        if self.long_as:
            html = html.replace("<code>", Markup('<code id="{}">').format(code_id), 1)
        return html

    def news(self, size: int) -> Markup:
        """What a long open block shows beyond what it showed at `size`."""
        source = self._splitter.open
        return escape(source[self._shown(source, size) : self._shown(source, len(source))])

    def _shown(self, source: str, size: int) -> int:
        """How much of the first `size` characters is shown: of code, not a closing fence half written."""
        if self._splitter.open_fence is None:
            return size
        start = source.rfind("\n", 0, size) + 1
        return start if source[start:size].strip(" \t")[:1] in ("`", "~") else size
