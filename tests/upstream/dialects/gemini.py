"""Google's Gemini API: generateContent and streamGenerateContent?alt=sse.

Sources: ai.google.dev/api/generate-content (Content, Part, GenerateContentResponse, UsageMetadata),
ai.google.dev/api/models, ai.google.dev/gemini-api/docs/thinking and thought-signatures (`thought`,
`thoughtSignature` on the first of parallel calls), /docs/function-calling, /docs/image-generation,
/docs/troubleshooting; google.rpc.Status with QuotaFailure and RetryInfo as the error bodies hold them.
Lines end with CR LF, as the service sends them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from tests.upstream.dialects.base import (
    Ask,
    Count,
    Dialect,
    Made,
    Picture,
    Refusal,
    Result,
    Said,
    Talk,
    compact,
    unknown,
)
from tests.upstream.wire import Request

RESPONSE = "Il0taoSYJ5Cez7IPuaO42Qk"
SIGNATURE = "EjQKMgEMOdbHh5Jz+Kq8example/thought=="
_METHOD = re.compile(r"/v1beta/models/(.+):(streamGenerateContent|generateContent)")
TOP = "contents systemInstruction generationConfig tools toolConfig safetySettings cachedContent"
CONFIG = (
    "temperature topP topK candidateCount maxOutputTokens stopSequences seed presencePenalty "
    "frequencyPenalty responseMimeType responseSchema responseJsonSchema responseModalities thinkingConfig "
    "mediaResolution speechConfig imageConfig responseLogprobs logprobs"
)
SCHEMA = (
    "type format title description nullable enum maxItems minItems properties required minProperties "
    "maxProperties minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum"
)
PART = "text thought thoughtSignature inlineData fileData functionCall functionResponse"
REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
RPC = "type.googleapis.com/google.rpc."


def error(code: int, status: str, message: str, *details: Any) -> dict[str, Any]:
    """The body of an error."""
    more = {"details": list(details)} if details else {}
    return {"error": {"code": code, "message": message, "status": status, **more}}


WRONG_KEY = error(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key. ({key})",
    {
        "@type": RPC + "ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    },
)
# Too many requests in a minute; its words speak of billing all the same.
LIMIT = error(
    429,
    "RESOURCE_EXHAUSTED",
    "You exceeded your current quota, please check your plan and billing details. For more information on "
    "this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.",
    {
        "@type": RPC + "QuotaFailure",
        "violations": [
            {
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                "quotaDimensions": {"location": "global", "model": "gemini-2.5-flash"},
                "quotaValue": "5",
            }
        ],
    },
    {
        "@type": RPC + "Help",
        "links": [
            {
                "description": "Learn more about Gemini API quotas",
                "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
            }
        ],
    },
    {"@type": RPC + "RetryInfo", "retryDelay": "{wait}s"},
)
DEPLETED = (
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage "
    "your project and billing."
)
TOO_LONG = "The input token count (1200345) exceeds the maximum number of tokens allowed (1048576)."
NO_MODEL = (
    "models/fake is not found for API version v1beta, or is not supported for generateContent. Call "
    "ListModels to see the list of available models and their supported methods."
)
INTERNAL = (
    "An internal error has occurred. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting"
)
BUSY = error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
BLOCKED = {
    "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
    "usageMetadata": {"promptTokenCount": 7, "totalTokenCount": 7},
    "modelVersion": "fake",
    "responseId": RESPONSE,
}
FAULTS = {
    "401": Refusal(400, WRONG_KEY),
    "429": Refusal(429, LIMIT),
    "quota": Refusal(429, error(429, "RESOURCE_EXHAUSTED", DEPLETED)),
    "context": Refusal(400, error(400, "INVALID_ARGUMENT", TOO_LONG)),
    "filter": Refusal(200, BLOCKED),  # a refused prompt is an answer without candidates
    "invalid": Refusal(
        400,
        error(
            400,
            "INVALID_ARGUMENT",
            "* GenerateContentRequest.contents: contents is not specified\n",
            {
                "@type": RPC + "BadRequest",
                "fieldViolations": [{"field": "contents", "description": "contents is not specified"}],
            },
        ),
    ),
    "no-model": Refusal(404, error(404, "NOT_FOUND", NO_MODEL)),
    "500": Refusal(500, error(500, "INTERNAL", INTERNAL)),
    "503": Refusal(503, BUSY),
}


def usage(count: Count, done: int, thought: int) -> dict[str, Any]:
    """UsageMetadata so far: the prompt holds the cached tokens, thoughts stand beside the candidates."""
    prompt = count.prompt + count.cached
    said: dict[str, Any] = {"promptTokenCount": prompt}
    if done:
        said["candidatesTokenCount"] = done
    said["totalTokenCount"] = prompt + done + thought
    if count.cached:
        said["cachedContentTokenCount"] = count.cached
    said["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": prompt}]
    if thought:
        said["thoughtsTokenCount"] = thought
    return said


def call_part(made: Made) -> dict[str, Any]:
    """A function call; the first of several carries the signature."""
    call = {"name": made.name, "args": json.loads(made.arguments), "id": call_id(made.index)}
    return {"functionCall": call, **({} if made.index else {"thoughtSignature": SIGNATURE})}


def call_id(index: int) -> str:
    """The id of the index-th function call."""
    return f"gp737np{index}"


def image_part(png: bytes) -> dict[str, Any]:
    """A picture the model made."""
    return {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(png).decode()}}


class GeminiTalk(Talk):
    """GenerateContentResponse after GenerateContentResponse; the one with a finishReason is the last."""

    def __init__(self, model: str, count: Count | None) -> None:
        self._model = model
        self._count = count
        self._done = self._thought = 0

    def _chunk(self, parts: list[dict[str, Any]], finish: str = "") -> bytes:
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}}
        if finish:
            candidate["finishReason"] = finish
        data: dict[str, Any] = {"candidates": [{**candidate, "index": 0}]}
        if self._count is not None:
            data["usageMetadata"] = usage(self._count, self._done, self._thought)
        return (
            f"data: {compact({**data, 'modelVersion': self._model, 'responseId': RESPONSE})}\r\n\r\n".encode()
        )

    def reasoning(self, text: str) -> bytes:
        """A part that is a thought."""
        self._thought += 1
        return self._chunk([{"text": text, "thought": True}])

    def text(self, text: str) -> bytes:
        """A part."""
        self._done += 1
        return self._chunk([{"text": text}])

    def tool(self, made: Made) -> list[bytes]:
        """A call comes whole."""
        return [self._chunk([call_part(made)])]

    def image(self, png: bytes) -> bytes:
        """Inline data, all of it in one line."""
        return self._chunk([image_part(png)])

    def odd(self) -> list[bytes]:
        """Usage without a candidate, a candidate without content, a signature on an empty text."""
        data: list[Any] = [
            {"usageMetadata": {"promptTokenCount": 7, "totalTokenCount": 7}, "modelVersion": self._model},
            {"candidates": [{"content": {"role": "model"}, "index": 0}]},
            {"candidates": [{"content": {"parts": [{"text": "", "thoughtSignature": SIGNATURE}]}}]},
        ]
        return [f"data: {compact(each)}\r\n\r\n".encode() for each in data]

    def end(self, reason: str, count: Count | None) -> bytes:
        """An empty part with the reason and the whole usage."""
        if count is not None:
            self._done, self._thought = count.completion, count.reasoning
        return self._chunk([{"text": ""}], REASONS[reason])

    def failure(self) -> bytes:
        """A status where a response was expected."""
        return f"data: {compact(BUSY)}\r\n\r\n".encode()

    def limit(self) -> bytes:
        """The same status that a 429 has."""
        return f"data: {compact(LIMIT)}\r\n\r\n".replace("{wait}", "3").encode()


class Gemini(Dialect):
    """generativelanguage.googleapis.com/v1beta."""

    name = "gemini"
    root = "/gemini"
    base = "/v1beta"
    stream_type = "text/event-stream"
    frame_end = b"\r\n\r\n"
    sends_retry_after = False
    faults = FAULTS

    def credential(self, request: Request) -> str:
        """`x-goog-api-key`, the query, or a bearer token."""
        asked = request.headers.get("x-goog-api-key", "") or request.query.get("key", [""])[0]
        return asked or super().credential(request)

    def answers(self, request: Request, path: str) -> bool:
        """`POST /v1beta/models/{model}:{method}`; a stream without alt=sse would be a JSON array."""
        found = _METHOD.fullmatch(unquote(path))
        if request.method != "POST" or not found:
            return False
        return found[2] == "generateContent" or request.query.get("alt") == ["sse"]

    def read(self, request: Request, path: str) -> Ask:
        """The model and the way to answer stand in the path."""
        found = _METHOD.fullmatch(unquote(path))
        assert found
        body = request.json()
        messages = [message_of(each) for each in body["contents"]]
        results = any("functionResponse" in part for part in body["contents"][-1]["parts"])
        if results:
            messages = [each for each in messages if each["content"] or each["role"] != "user"]
        offered = [one for tool in body.get("tools") or () for one in tool.get("functionDeclarations") or ()]
        stream = found[2] == "streamGenerateContent"
        return Ask(found[1], messages, stream, body, tuple(one["name"] for one in offered), results)

    def listing(self, request: Request, path: str, models: Sequence[str]) -> Any:
        """`GET /v1beta/models`, in pages: `pageSize` and `pageToken`."""
        if path != "/v1beta/models":
            return None
        size = int(request.query.get("pageSize", ["50"])[0])
        start = int(request.query.get("pageToken", ["0"])[0])
        more = {"nextPageToken": str(start + size)} if start + size < len(models) else {}
        return {"models": [model_of(name) for name in models[start : start + size]], **more}

    def talk(self, ask: Ask, count: Count | None, think: str = "") -> Talk:
        """Every chunk counts the tokens so far."""
        return GeminiTalk(ask.model, count)

    def whole(self, ask: Ask, said: Said) -> Any:
        """One GenerateContentResponse."""
        thoughts = [{"text": said.reasoning, "thought": True}] if said.reasoning else []
        parts = [*thoughts, {"text": said.text}, *map(image_part, said.images), *map(call_part, said.tools)]
        content = {"parts": parts, "role": "model"}
        candidate = {"content": content, "finishReason": REASONS[said.reason], "index": 0}
        counted: dict[str, Any] = {}
        if said.count is not None:
            counted["usageMetadata"] = usage(said.count, said.count.completion, said.count.reasoning)
        return {"candidates": [candidate], **counted, "modelVersion": ask.model, "responseId": RESPONSE}

    def complaints(self, body: dict[str, Any]) -> list[str]:
        """Gemini answers 400 to all of these."""
        found = unknown(body, TOP) + unknown(body.get("generationConfig") or {}, CONFIG, "generationConfig.")
        for content in body["contents"]:
            if content.get("role") not in ("user", "model"):
                found.append("Please use a valid role: user, model.")
            if not content["parts"]:
                found.append("contents.parts must not be empty.")
            for part in content["parts"]:
                found += unknown(part, PART, "in a part: ")
        config = (body.get("generationConfig") or {}).get("thinkingConfig") or {}
        if "thinkingBudget" in config and "thinkingLevel" in config:
            found.append("You can only set only one of thinking budget and thinking level.")
        for tool in body.get("tools") or ():
            for one in tool.get("functionDeclarations") or ():
                found += unknown_in_schema(one.get("parameters") or {})
        names = [each["name"] for each in parts_of(body, "functionCall")]
        if names != [each["name"] for each in parts_of(body, "functionResponse")]:
            found.append("the function response parts do not equal the function call parts")
        return found + [
            "a function response is not an object" for each in parts_of(body, "functionResponse")
            if not isinstance(each["response"], dict)
        ]  # fmt: skip

    def pictures(self, body: dict[str, Any]) -> list[Picture]:
        """Inline data, or a file at an address."""
        found = []
        for part in (part for content in body["contents"] for part in content["parts"]):
            if "inlineData" in part:
                inline = part["inlineData"]
                found.append(Picture(inline["mimeType"], base64.b64decode(inline["data"], validate=True)))
            elif "fileData" in part:
                found.append(Picture("", url=part["fileData"]["fileUri"]))
        return found

    def results(self, body: dict[str, Any]) -> list[Result]:
        """Function responses, in the user's turn; the text stands somewhere in the object."""
        return [
            Result(each["id"], " ".join(map(str, each["response"].values())))
            for each in parts_of(body, "functionResponse")
        ]

    def calls(self, body: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """Function calls, in the model's turn."""
        return [(each["id"], each["name"], each["args"]) for each in parts_of(body, "functionCall")]

    def states(self, body: dict[str, Any]) -> list[str]:
        """The signatures of the calls, in the parts where they came."""
        parts = [part for content in body["contents"] for part in content["parts"] if "functionCall" in part]
        return [part["thoughtSignature"] for part in parts if "thoughtSignature" in part]

    def sealed(self) -> list[str]:
        """The one of the first call."""
        return [SIGNATURE]


def unknown_in_schema(schema: dict[str, Any]) -> list[str]:
    """Keys of JSON Schema that the Schema of `parameters` does not have; parametersJsonSchema takes all."""
    found = unknown(schema, SCHEMA, "in a schema: ")
    for each in (schema.get("properties") or {}).values():
        found += unknown_in_schema(each)
    return found + (unknown_in_schema(schema["items"]) if isinstance(schema.get("items"), dict) else [])


def message_of(content: dict[str, Any]) -> dict[str, Any]:
    """A content as role and text."""
    text = "".join(part.get("text", "") for part in content["parts"] if not part.get("thought"))
    return {"role": "assistant" if content.get("role") == "model" else "user", "content": text}


def parts_of(body: dict[str, Any], kind: str) -> list[Any]:
    """What the parts of a kind hold, in order."""
    return [part[kind] for content in body["contents"] for part in content["parts"] if kind in part]


def model_of(name: str) -> dict[str, Any]:
    """A Model."""
    methods = ["embedContent"] if "embedding" in name else ["generateContent", "countTokens"]
    return {
        "name": f"models/{name}", "version": "001", "displayName": name.title(), "description": "A fake.",
        "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536, "supportedGenerationMethods": methods,
        "temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2, "thinking": True,
    }  # fmt: skip
