"""Log lines without secrets: what looks like one goes, and what a telling name stands before. Pure."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
_SECRETS = re.compile(
    r"""(?ix)
    (?P<named> (?:api[_-]?key|password|passphrase|secret|token|authorization|cookie)
        \\?["']? \s* [:=] \s* \\?["']? )
        (?: (?:bearer|basic) \s+ )? (?!\[hidden\]) [^\s"'\\,;&{}\[\]]{4,}
    | (?P<scheme> \b (?:bearer|basic) \s+ ) [a-z0-9._~+/=-]{8,}
    | (?P<user> [a-z][a-z0-9+.-]{0,20} :// [^\s/@:"]* : ) [^\s/@"]+ (?=@)
    | (?P<share> /(?:s|reset)/ ) [a-z0-9_-]{32,}
    | \b (?:sk|pk|rk|xai|gsk|hf|ghp|gho|glpat|AIza) [a-z0-9]* [-_]? [a-z0-9_-]{16,}
    """
)


def scrubbed(line: str) -> str:
    """`line` without passwords, keys, tokens, cookies and the secrets in addresses."""
    return _SECRETS.sub(lambda found: f"{found[found.lastgroup] if found.lastgroup else ''}{HIDDEN}", line)
