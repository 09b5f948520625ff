"""A local upstream that speaks every vendor's format for real, with faults and a speed."""

from tests.upstream.script import Options, key_of, text_of, tokens_of
from tests.upstream.server import Upstream, upstream

__all__ = ["Options", "Upstream", "key_of", "text_of", "tokens_of", "upstream"]
