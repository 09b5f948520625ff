"""Messages of a path for tests."""

from parley.chat.queries import PathMessage

ANSWER = PathMessage(
    id=2,
    parent=1,
    role="assistant",
    text="Because.",
    reasoning="",
    model="1:small",
    model_name="Small",
    client_message_id=None,
    created_at=0,
    generation=7,
    status="done",
    error="",
    error_code="",
    finish_reason="stop",
    prompt_tokens=3410,
    completion_tokens=1284,
    started_at=1_000,
    first_fact_at=1_500,
    finished_at=12_000,
    asked_at=1_000,
    reasoning_tokens=284,
    cost_nano=1_234_000,
    window_tokens=10_000,
    first_text_at=2_000,
)
