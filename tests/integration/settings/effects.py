"""For every setting the test that observes its effect; tests/contracts/test_effects.py wants them all.

Whoever declares a setting adds a line: the key, and the test's file and name below tests/.
"""

_SITE, _ANSWERS = "integration/settings/test_site.py::", "integration/settings/test_answers.py::"
_KEEPING = "integration/settings/test_keeping.py::"
_FAULTS = "integration/generations/test_upstream_faults.py::"
_PATIENCE = _ANSWERS + "test_patience_and_tags_are_those_of_the_settings"
_ASKED = _ANSWERS + "test_prompt_window_and_sampling_go_with_a_question"
_BRAND = _SITE + "test_name_mark_and_words_are_on_the_pages"
_NEW_CHAT = _SITE + "test_a_new_chat_greets_and_offers_as_decided"
_NOTICE = _SITE + "test_a_notice_is_on_every_page_until_it_is_closed"
_LINKS = _SITE + "test_links_and_language_are_the_sites"
_FACE = "integration/files/test_faces.py::test_only_an_administrator_gives_the_assistant_a_face"
_FILES = _ANSWERS + "test_files_are_made_smaller_and_kept_as_long_as_decided"
_TAGS = "unit/chat/test_tempering.py::test_a_connections_tags_win_over_the_sites"
_TITLES = "integration/chat/test_titling.py::"
_VISITING = "integration/accounts/test_visiting.py::"
_ENTERING = "integration/accounts/test_entering.py::"
_OIDC = "integration/accounts/test_oidc.py::"
_SHELF = "integration/backups/test_shelf.py::test_a_schedule_makes_one_whoever_asks_and_keeps_so_many"
_ASKING, _TRACES = "integration/quotas/test_asking.py::", "integration/traces/test_console.py::"
_CAPTURE = _TRACES + "test_the_settings_decide_and_the_limit_holds"
_DOCUMENTS = "integration/files/test_documents.py::"
_WEB = "integration/websearch/test_searching.py::"
_BOUNDS = _WEB + "test_settings_bound_what_is_found"
_SEEING = "integration/chat/test_seeing.py::"
_OLD_CHATS = _KEEPING + "test_old_chats_go_and_pinned_ones_stay"
_GONE_CHATS = _KEEPING + "test_deleted_and_temporary_chats_go_when_decided"

EFFECTS = {
    "general.origin": _LINKS,
    "general.language": _LINKS,
    "branding.name": _BRAND,
    "branding.letter": _BRAND,
    "branding.mark": "integration/settings/test_mark.py::test_a_picture_is_the_mark_everywhere",
    "branding.login_text": _BRAND,
    "branding.footer": _BRAND,
    "branding.greeting": _NEW_CHAT,
    "branding.starters": _NEW_CHAT,
    "branding.accent": _SITE + "test_the_accent_is_a_stylesheet_of_its_own_address",
    "banner.text": _NOTICE,
    "banner.level": _NOTICE,
    "network.heartbeat": _SITE + "test_a_silent_stream_says_that_it_lives_as_often_as_decided",
    "logging.level": _SITE + "test_the_level_of_the_logs_changes_at_once",
    "retention.settings": _SITE + "test_the_history_is_forgotten_in_time",
    "retention.idle": _OLD_CHATS,
    "retention.archived": _OLD_CHATS,
    "retention.deleted": _GONE_CHATS,
    "retention.temporary": _GONE_CHATS,
    "retention.audit": _KEEPING + "test_the_audit_log_is_kept_as_long_as_decided",
    "patience.connect": _PATIENCE,
    "patience.headers": _PATIENCE,
    "patience.first_token": _PATIENCE,
    "patience.idle": _PATIENCE,
    "patience.total": _PATIENCE,
    "context.window": _ASKED,
    "context.system_prompt": _ASKED,
    "context.prompt_limit": _ANSWERS + "test_nobody_writes_a_longer_prompt_than_is_allowed",
    "sampling.temperature": _ASKED,
    "sampling.top_p": _ASKED,
    "sampling.max_tokens": _ASKED,
    "reasoning.effort": _ASKED,
    "reasoning.tags": _TAGS,
    "reasoning.tag_open": _TAGS,
    "reasoning.tag_close": _TAGS,
    "models.access_user": _ANSWERS + "test_a_question_to_a_denied_model_is_refused",
    "models.access_visitor": _VISITING + "test_a_visitor_chats_and_sees_nothing_else",
    "models.vision": _SEEING + "test_a_vision_model_describes_each_picture_once_for_a_blind_one",
    "models.refresh": "integration/catalogue/test_refresh.py::test_how_often_is_a_setting",
    "titles.by_model": _TITLES + "test_nothing_is_asked_where_titles_are_off_or_only_the_demo_answers",
    "titles.model": _TITLES + "test_after_the_first_answer_a_model_makes_the_title",
    "titles.longest": _TITLES + "test_after_the_first_answer_a_model_makes_the_title",
    "chat.versions": "integration/chat/test_branches.py::test_the_oldest_versions_make_room_as_decided",
    "files.document_mb": _DOCUMENTS + "test_an_upload_of_unknown_length_ends_at_the_limit",
    "files.characters": _DOCUMENTS + "test_its_text_goes_before_the_question_to_any_model",
    "files.picture_side": _FILES,
    "files.loose_days": _FILES,
    "files.keep_days": _FILES,
    "assistant.face": _FACE,
    "imports.largest": "integration/importing/test_uploads.py::test_uploads_are_taken_off_the_wire",
    "limits.per_minute": _ASKING + "test_asking_too_fast_waits",
    "limits.concurrent": _ASKING + "test_only_so_many_answers_are_written_at_once",
    "limits.set_aside": _ASKING + "test_tokens_are_set_aside_until_the_answer_has_ended",
    "backups.every_hours": _SHELF,
    "backups.keep": _SHELF,
    "registration.mode": _ENTERING + "test_each_mode_says_what_it_does_and_does_it",
    "registration.username": _ENTERING + "test_names_follow_the_pattern_of_the_site",
    "visitors.mode": _VISITING + "test_turned_off_visitors_are_out_and_turned_on_they_are_back",
    "visitors.retention_days": _VISITING + "test_visitors_are_forgotten_when_they_stay_away_and_not_before",
    "signing.issuer": _OIDC + "test_a_secret_goes_to_no_other_issuer",
    "signing.client_id": _OIDC + "test_somebody_comes_for_the_first_time_and_again",
    "signing.scopes": _OIDC + "test_somebody_comes_for_the_first_time_and_again",
    "signing.label": _OIDC + "test_somebody_comes_for_the_first_time_and_again",
    "signing.username_claim": _OIDC + "test_who_becomes_what_follows_the_settings",
    "signing.admin_rule": _OIDC + "test_who_becomes_what_follows_the_settings",
    "signing.domains": _OIDC + "test_who_becomes_what_follows_the_settings",
    "signing.accounts": _OIDC + "test_who_becomes_what_follows_the_settings",
    "signing.passwords": _OIDC + "test_where_passwords_are_off_administrators_break_the_glass",
    "traces.capture": _CAPTURE,
    "traces.who": _CAPTURE,
    "traces.default": _CAPTURE,
    "traces.events": _CAPTURE,
    "traces.retention": _TRACES + "test_they_are_deleted_by_hand_by_age_and_with_their_chat",
    "websearch.engines": _WEB + "test_the_first_that_works_answers_in_the_order_of_the_page",
    "websearch.count": _BOUNDS,
    "websearch.allowed": _BOUNDS,
    "websearch.blocked": _BOUNDS,
    "general.time_zone": _SITE + "test_the_days_of_the_site_begin_at_its_midnight",
}
