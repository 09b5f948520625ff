"""The shape of every JSON answer outside the OpenAI-compatible routes."""

from __future__ import annotations

from typing import Any


def ok(data: Any = None) -> dict[str, Any]:
    """`{"success": true, "data": …, "error": null}`; refusals come from `web/errors.py`."""
    return {"success": True, "data": data, "error": None}
