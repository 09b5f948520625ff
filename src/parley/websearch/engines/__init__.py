"""Engines, one per file. Importing this package fills `base.REGISTRY`, in the order of the page."""

from parley.websearch.engines import tavily, brave, exa, metaso, searxng  # noqa: I001  their order is the page's

__all__ = ["brave", "exa", "metaso", "searxng", "tavily"]
