"""Azure OpenAI: Chat Completions at deployments or below /openai/v1, with content filters in every choice.

Sources: learn.microsoft.com/azure/ai-foundry/openai/reference (paths, api-version, api-key),
/azure/ai-foundry/openai/api-version-lifecycle (v1 needs none, and its model is the deployment),
/azure/ai-foundry/openai/concepts/content-filter and content-streaming (prompt_filter_results, error 400),
/azure/ai-foundry/openai/how-to/quota (429 with Retry-After).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from tests.upstream.dialects.base import Ask, Count, Refusal, Talk, compact, sse
from tests.upstream.dialects.openai import FAULTS, SORRY, OpenAI, OpenAITalk
from tests.upstream.wire import Request

_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)/chat/completions")
SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
DENIED = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key "
    "for an active subscription and use a correct regional API endpoint for your resource. ({key})"
)
LIMIT = (
    "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have "
    "exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after "
    "{wait} seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further "
    "increase the default rate limit."
)
FILTERED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please "
    "modify your prompt and retry. To learn more about our content filtering policies please read our "
    "documentation: https://go.microsoft.com/fwlink/?linkid=2198766"
)
MISSING = (
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
    "minutes, please wait a moment and try again."
)
INNER = {
    "code": "ResponsibleAIPolicyViolation",
    "content_filter_result": {**SAFE, "violence": {"filtered": True, "severity": "medium"}},
}


def error(message: str, code: str, **more: Any) -> dict[str, Any]:
    """The body of an error."""
    return {"error": {"code": code, "message": message, **more}}


class AzureTalk(OpenAITalk):
    """OpenAI's chunks behind one that only tells what the filter found in the prompt."""

    def start(self) -> bytes:
        """The filter's chunk has no choice and an empty id."""
        found = [{"prompt_index": 0, "content_filter_results": SAFE}]
        empty = {"created": 0, "id": "", "model": "", "object": ""}
        return sse({"choices": [], **empty, "prompt_filter_results": found}) + super().start()


class Azure(OpenAI):
    """{resource}.openai.azure.com/openai/deployments/{deployment}/chat/completions?api-version=…"""

    name = "azure"
    root = "/azure"
    base = ""
    faults: Mapping[str, Refusal] = {
        **FAULTS,
        "401": Refusal(401, error(DENIED, "401")),
        "429": Refusal(429, error(LIMIT, "429")),
        "filter": Refusal(
            400, error(FILTERED, "content_filter", type=None, param="prompt", status=400, innererror=INNER)
        ),
        "no-model": Refusal(404, error(MISSING, "DeploymentNotFound")),
        "500": Refusal(500, error(SORRY, "InternalServerError")),
    }

    def credential(self, request: Request) -> str:
        """`api-key`, or a token of Entra."""
        return request.headers.get("api-key", "") or super().credential(request)

    def answers(self, request: Request, path: str) -> bool:
        """`POST …/deployments/{deployment}/chat/completions` with an api-version, or `POST …/v1/…`."""
        if request.method != "POST":
            return False
        dated = bool(_DEPLOYMENT.fullmatch(path)) and "api-version" in request.query
        return dated or path == "/openai/v1/chat/completions"

    def read(self, request: Request, path: str) -> Ask:
        """The deployment in the path is the model, whatever the body says."""
        found = _DEPLOYMENT.fullmatch(path)
        if found is None:
            return super().read(request, path)
        body = {"model": "", **request.json()}
        ask = super().read(replace(request, body=compact(body).encode()), path)
        return replace(ask, model=unquote(found[1]))

    def listing(self, request: Request, path: str, models: Sequence[str]) -> Any:
        """`GET /openai/models` or /openai/v1/models: the base models of the region, not the deployments."""
        if path != "/openai/v1/models" and (path != "/openai/models" or "api-version" not in request.query):
            return None
        able = {"fine_tune": False, "inference": True, "completion": False, "embeddings": False}
        return {
            "object": "list",
            "data": [
                {
                    "id": name,
                    "object": "model",
                    "status": "succeeded",
                    "lifecycle_status": "generally-available",
                    "capabilities": {
                        **able,
                        "chat_completion": "embedding" not in name,
                        "embeddings": "embedding" in name,
                    },
                }
                for name in models
            ],
        }

    def talk(self, ask: Ask, count: Count | None, think: str = "") -> Talk:
        """Each choice carries what the filter found in it."""
        options = ask.body.get("stream_options") or {}
        extra = ',"content_filter_results":{}'
        return AzureTalk(ask.model, think, usage_asked=bool(options.get("include_usage")), extra=extra)
