"""The codes and words by which vendors say what went wrong. Pure.

Sources: platform.openai.com/docs/guides/error-codes; learn.microsoft.com/azure/ai-foundry/openai (quotas,
content filtering); api-docs.deepseek.com/quick_start/error_codes; help.aliyun.com/zh/model-studio/error-code;
docs.bigmodel.cn and docs.z.ai api-reference/api-code; platform.kimi.ai/docs (error codes);
openrouter.ai/docs/api/reference/errors-and-debugging; docs.siliconflow.cn (error codes).
"""

from __future__ import annotations

# Codes that are numbers: of Zhipu, and of SiliconFlow (five digits).
NUMBERS = {
    **dict.fromkeys(("1000", "1001", "1002", "1003", "1004"), "authentication"),
    **dict.fromkeys(("1110", "1111", "1112", "1120", "1121", "1220"), "authentication"),
    **dict.fromkeys(("1113", "1309", "30001", "30011"), "quota"),
    **dict.fromkeys(("1211", "1221", "1222", "1311", "20012"), "model_not_found"),
    **dict.fromkeys(("1210", "1212", "1213", "1214", "1215", "1231", "20015"), "invalid_request"),
    "1261": "context_length",
    **dict.fromkeys(("1300", "1301"), "content_filter"),
    **dict.fromkeys(("1302", "1303", "1304", "1308", "1310", "1313"), "rate_limit"),
    **dict.fromkeys(("1305", "1312", "50501", "50505", "50603"), "overloaded"),
    **dict.fromkeys(("500", "1200", "1230", "1234", "50507"), "server"),
}
# Words in a vendor's code, type or message that say more than the status does; the first that fits counts.
WORDS = (
    (
        "rate_limit",
        # DashScope and Google call a limit per minute a quota; OpenAI's words about it mention billing.
        (
            "allocated quota exceeded, please increase",
            "throttling.",
            "limit_requests",
            "resource_exhausted",
            "rate limit reached",
            "rate_limit_exceeded",
        ),
    ),
    (
        "quota",
        (
            "insufficient_quota",
            "exceeded_current_quota",
            "insufficient_user_quota",
            "billing",
            "insufficient balance",
            "balance is insufficient",
            "insufficient_balance",
            "insufficient credit",
            "requires more credits",
            "credit balance",
            "arrearage",
            "in good standing",
            "freetieronly",
            "free allocated quota",
            "free tier of the model has been exhausted",
            "余额不足",
            "欠费",
        ),
    ),
    (
        "content_filter",
        (
            "content_filter",
            "content_policy",
            "content management policy",
            "content filter",
            "responsibleaipolicyviolation",
            "datainspectionfailed",
            "data_inspection_failed",
            "content exists risk",
            "inappropriate content",
            "moderation",
            "input was flagged",
            "was flagged",
            "invalid_prompt",
            "safety system",
            "敏感内容",
        ),
    ),
    (
        "context_length",
        (
            "context_length",
            "context length",
            "context window",
            "context size",
            "exceed_context_size",
            "maximum context",
            "too many tokens",
            "too long",
            "exceeded model token limit",
            "range of input length",
            "input token count",
            "input length",
            "string_above_max_length",
            "max_prompt_tokens",
        ),
    ),
    (
        "overloaded",
        (
            "overloaded",
            "service_unavailable",
            "system capacity",
            "too busy",
            "nocapacity",
            "访问量过大",
        ),
    ),
    (
        "model_not_found",
        (
            "model_not_found",
            "model not found",
            "modelnotfound",
            "no such model",
            "deploymentnotfound",
            "not found the model",
            "model not exist",
            "model does not exist",
            "resource_not_found",
            "no endpoints found",
            "not a valid model id",
        ),
    ),
    (
        "authentication",
        (
            "invalid_api_key",
            "invalidapikey",
            "api_key_invalid",
            "api key not valid",
            "incorrect api key",
            "incorrect_api_key",
            "invalid api key",
            "invalid_authentication",
            "authentication_error",
            "access denied due to invalid subscription key",
            "no auth credentials",
        ),
    ),
    ("rate_limit", ("rate_limit", "rate limit", "ratelimit", "too many requests")),
    ("timeout", ("requesttimeout", "responsetimeout", "request timed out")),
)
