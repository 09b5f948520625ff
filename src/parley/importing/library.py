"""What Parley's archive of everything holds beside conversations: prompts and folders. Pure.

`account.json` as sharing/exports.py writes it. Preferences, the personal prompt and the picture of the
account stay behind: who brings an archive has their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parley.importing.neutral import items_of, line, object_of, plain
from parley.importing.scripts import Library
from parley.lib.errors import Invalid
from parley.prompts.scripts import Wording
from parley.prompts.service import checked

MOST_PROMPTS = 2_000  # that are looked at
MOST_FOLDERS = 200


def library_of(account: Mapping[str, Any]) -> Library:
    """What of it can be used. Shared prompts come back as one's own: nobody here was asked to read them."""
    prompts: list[Wording] = []
    unusable = 0
    for each in map(object_of, items_of(account.get("prompts"))[:MOST_PROMPTS]):
        try:
            prompts.append(
                checked(
                    line(each.get("command")), line(each.get("title")), plain(each.get("body")), shared=False
                )
            )
        except Invalid:
            unusable += 1
    names = [line(name, 80) for name in items_of(account.get("folders"))[:MOST_FOLDERS]]
    return Library(prompts, [name for name in names if name], unusable)
