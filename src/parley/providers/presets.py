"""Services people ask for by name: an address, where the key comes from, and what is odd about them.

The addresses and pages are those of the vendors' own documentation in November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from parley.lib.registry import Registry
from parley.providers.base import N_

# What a service does differently from OpenAI's Chat Completions; a connection's Target carries the words.
THINKING_TYPE: Final = "thinking-type"
"""Thinking is switched by `thinking: {"type": "enabled" | "disabled"}`, its effort by `reasoning_effort`."""
ENABLE_THINKING: Final = "enable-thinking"
"""Thinking is switched by `enable_thinking`, its effort is a number of tokens, `thinking_budget`."""
THINKS_ONLY_IN_STREAMS: Final = "thinks-only-in-streams"
"""A request for the whole answer at once must switch thinking off."""
REASONING_OBJECT: Final = "reasoning-object"
"""One scale for all: `reasoning: {"effort" | "max_tokens" | "enabled"}`; `reasoning_details` go back."""
TEMPLATE_THINKING: Final = "template-thinking"
"""Thinking is switched by the model's own template, through `chat_template_kwargs`."""
WANTS_REASONING_BACK: Final = "wants-reasoning-back"
"""With tools, earlier turns must carry their `reasoning_content`."""
THINKING_FIXES_SAMPLING: Final = "thinking-fixes-sampling"
"""Temperature and penalties mean nothing while the model thinks."""
MAX_COMPLETION_TOKENS: Final = "max-completion-tokens"
"""The limit of an answer is called `max_completion_tokens`."""
TEMPERATURE_TO_ONE: Final = "temperature-to-one"
"""The temperature ends at 1; more is refused."""
TOP_K: Final = "top-k"
"""`top_k` is understood."""
NO_STREAM_OPTIONS: Final = "no-stream-options"
"""`stream_options` is refused; usage comes unasked."""

QUIRKS = frozenset(
    {
        THINKING_TYPE,
        ENABLE_THINKING,
        THINKS_ONLY_IN_STREAMS,
        REASONING_OBJECT,
        TEMPLATE_THINKING,
        WANTS_REASONING_BACK,
        THINKING_FIXES_SAMPLING,
        MAX_COMPLETION_TOKENS,
        TEMPERATURE_TO_ONE,
        TOP_K,
        NO_STREAM_OPTIONS,
    }
)


@dataclass(frozen=True, slots=True)
class Preset:
    """A filled-in form. `name` may stand where a connection's provider is named."""

    name: str
    label: str
    kind: str  # a name in base.REGISTRY
    base_url: str  # "" is for the person to fill in
    key_hint: str = ""
    docs: str = ""  # the vendor's page about keys
    quirks: frozenset[str] = frozenset()  # of QUIRKS
    needs_key: bool = True
    listed: tuple[str, ...] = ()  # model ids to fill in where the service has no list of its own


PRESETS: Registry[Preset] = Registry("preset")


def quirks_at(base_url: str) -> frozenset[str]:
    """The quirks of the service at that host, for connections that were made without its preset."""
    host = urlsplit(base_url).hostname or ""
    if host in ("", "localhost", "127.0.0.1"):
        return frozenset()
    same = (preset.quirks for preset in PRESETS if urlsplit(preset.base_url).hostname == host)
    return next(same, frozenset())


def _add(name: str, label: str, base_url: str, docs: str, *quirks: str, hint: str = "sk-…") -> None:
    PRESETS.add(name, Preset(name, label, "openai", base_url, hint, docs, frozenset(quirks)))


# api-docs.deepseek.com: guides/thinking_mode says what goes back and which settings mean nothing.
_add(
    "deepseek",
    "DeepSeek",
    "https://api.deepseek.com",
    "https://platform.deepseek.com/api_keys",
    THINKING_TYPE,
    WANTS_REASONING_BACK,
    THINKING_FIXES_SAMPLING,
)

# help.aliyun.com/zh/model-studio: deep thinking, and error-code for the whole answers that may not think.
_QWEN = (ENABLE_THINKING, THINKS_ONLY_IN_STREAMS, TOP_K)
_add(
    "qwen",
    N_("Qwen (Alibaba Cloud, China)"),
    "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "https://help.aliyun.com/zh/model-studio/get-api-key",
    *_QWEN,
)
_add(
    "qwen-intl",
    N_("Qwen (Alibaba Cloud, international)"),
    "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "https://www.alibabacloud.com/help/en/model-studio/get-api-key",
    *_QWEN,
)

# platform.baichuan-ai.com/docs/api
PRESETS.add(
    "baichuan",
    Preset(
        name="baichuan",
        label=N_("Baichuan"),
        kind="openai",
        base_url="https://api.baichuan-ai.com/v1",
        key_hint="sk-…",
        docs="https://platform.baichuan-ai.com/console/apikey",
        quirks=frozenset({TOP_K, NO_STREAM_OPTIONS, TEMPERATURE_TO_ONE}),
        listed=("Baichuan4-Turbo", "Baichuan4-Air", "Baichuan4"),
    ),
)

# docs.bigmodel.cn and docs.z.ai: api-reference/llm/chat-completion
_GLM = (THINKING_TYPE, WANTS_REASONING_BACK, TEMPERATURE_TO_ONE)
_add(
    "zhipu",
    N_("Zhipu GLM (bigmodel.cn)"),
    "https://open.bigmodel.cn/api/paas/v4",
    "https://bigmodel.cn/usercenter/proj-mgmt/apikeys",
    *_GLM,
    hint="….…",
)
_add(
    "zai",
    N_("Zhipu GLM (z.ai, international)"),
    "https://api.z.ai/api/paas/v4",
    "https://z.ai/manage-apikey/apikey-list",
    *_GLM,
    hint="….…",
)

# platform.kimi.ai/docs (before: platform.moonshot.ai)
_KIMI = (THINKING_TYPE, WANTS_REASONING_BACK, MAX_COMPLETION_TOKENS, TEMPERATURE_TO_ONE)
_add(
    "kimi",
    N_("Kimi (Moonshot, China)"),
    "https://api.moonshot.cn/v1",
    "https://platform.moonshot.cn/console/api-keys",
    *_KIMI,
)
_add(
    "kimi-intl",
    N_("Kimi (Moonshot, international)"),
    "https://api.moonshot.ai/v1",
    "https://platform.moonshot.ai/console/api-keys",
    *_KIMI,
)

# openrouter.ai/docs/use-cases/reasoning-tokens
_add(
    "openrouter",
    "OpenRouter",
    "https://openrouter.ai/api/v1",
    "https://openrouter.ai/settings/keys",
    REASONING_OBJECT,
    TOP_K,
    hint="sk-or-…",
)

# docs.siliconflow.cn/docs/api/chat-completions-post
_add(
    "siliconflow",
    N_("SiliconFlow (China)"),
    "https://api.siliconflow.cn/v1",
    "https://cloud.siliconflow.cn/account/ak",
    ENABLE_THINKING,
    TOP_K,
)
_add(
    "siliconflow-intl",
    N_("SiliconFlow (international)"),
    "https://api.siliconflow.com/v1",
    "https://cloud.siliconflow.com/account/ak",
    ENABLE_THINKING,
    TOP_K,
)

# docs.vllm.ai: serving/openai_compatible_server, features/reasoning_outputs
PRESETS.add(
    "vllm",
    Preset(
        name="vllm",
        label="vLLM",
        kind="openai",
        base_url="http://localhost:8000/v1",
        docs="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
        quirks=frozenset({TEMPLATE_THINKING, TOP_K}),
        needs_key=False,
    ),
)
PRESETS.add(
    "lmstudio",
    Preset(
        name="lmstudio",
        label="LM Studio",
        kind="openai",
        base_url="http://localhost:1234/v1",
        docs="https://lmstudio.ai/docs/developer/openai-compat",
        quirks=frozenset({TOP_K}),
        needs_key=False,
    ),
)
PRESETS.add(
    "custom",
    Preset(
        name="custom",
        label=N_("Another service (own address)"),
        kind="openai",
        base_url="",
        quirks=frozenset({TOP_K}),
        needs_key=False,
    ),
)
