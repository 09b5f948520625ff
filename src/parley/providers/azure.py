"""Azure OpenAI: Chat Completions at a resource of one's own.

Sources: learn.microsoft.com/azure/foundry/openai/reference (deployments and api-version) and
.../api-version-lifecycle (the v1 API, generally available since August 2025: no version, and the model is the
name of the deployment). The last dated version that is no preview, 2024-10-21, refuses reasoning models.
Before the first choice comes a chunk that only holds `prompt_filter_results`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from parley.lib.http import CONNECTION_ADMIN, HttpClient, Profile
from parley.providers.base import N_, REGISTRY, Fact, Kind, ModelInfo, Option, Prompt, ProviderError, Target
from parley.providers.exchange import Call, facts_of, fetch, headers_for, laid_over, secrets_of
from parley.providers.openai_models import models_in
from parley.providers.openai_reading import ChatReading
from parley.providers.openai_request import request_body

V1 = "v1"
API_VERSION = V1
SEGMENT = "!$&'()*+,;=:@"  # what may stand in a path beside letters and digits
_BELOW = re.compile(r"/openai(/v1|/deployments/[^/]+)?$")


class AzureProvider:
    """One resource of Azure OpenAI."""

    def __init__(self, target: Target, http: HttpClient, *, profile: Profile = CONNECTION_ADMIN) -> None:
        self._target = target
        self._http = http
        self._profile = profile
        base = target.base_url.rstrip("/")
        version = target.options.get("apiVersion", "").strip() or API_VERSION
        self._version = V1 if base.endswith("/openai/v1") else version
        self._resource = _BELOW.sub("", base)  # people also paste the address of a deployment
        self._deployments = deployments_in(target.options.get("deployments", ""))
        self._headers = headers_for(target, "header", "api-key")

    def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, see `base.Provider`."""
        deployment = self._deployments.get(prompt.model, prompt.model)
        body, dropped = request_body(prompt)
        body["model"] = deployment
        secrets = secrets_of(self._target)
        call = Call(
            self._url(f"/deployments/{quote(deployment, safe=SEGMENT)}", "/chat/completions"),
            self._headers,
            laid_over(body, self._target.body),
            dropped,
            secrets,
            self._profile,
            self._target.patience,
        )
        return facts_of(self._http, call, ChatReading(secrets))

    async def models(self) -> list[ModelInfo]:
        """The models with a deployment of their own by the option; without it, what the resource lists.

        The resource lists what could be deployed, not what is.
        """
        url, secrets = self._url("", "/models"), secrets_of(self._target)
        try:
            listed = models_in(await fetch(self._http, url, self._headers, secrets, self._profile))
        except ProviderError as error:
            if not self._deployments or error.code != "model_not_found":
                raise
            listed = []  # proxies in front of a resource often pass on the calls of deployments only
        if not self._deployments:
            return listed
        known = {model.raw_id: model for model in listed}
        return [known.get(name, ModelInfo(name, name)) for name in self._deployments]

    def _url(self, place: str, call: str) -> str:
        if self._version == V1:
            return f"{self._resource}/openai/v1{call}"
        return f"{self._resource}/openai{place}{call}?api-version={quote(self._version, safe='')}"


def deployments_in(text: str) -> Mapping[str, str]:
    """Model -> deployment, out of "gpt-5=my-gpt, gpt-5-mini"; a name alone is both."""
    pairs = (each.partition("=") for each in re.split(r"[,;\n]", text))
    named = ((model.strip(), deployment.strip()) for model, _equals, deployment in pairs)
    return {model: deployment or model for model, deployment in named if model}


REGISTRY.add(
    "azure",
    Kind(
        name="azure",
        label=N_("Azure OpenAI"),
        make=AzureProvider,
        default_url="https://YOUR-RESOURCE.openai.azure.com",
        docs="https://learn.microsoft.com/azure/foundry/openai/how-to/create-resource",
        auths=("header", "bearer"),
        options=(
            Option(
                "apiVersion",
                N_("API version"),
                N_("v1, or a dated one such as 2024-10-21 for old resources."),
                API_VERSION,
            ),
            Option(
                "deployments",
                N_("Deployments"),
                N_("model=deployment, separated by commas. Empty: the model's name is the deployment's."),
            ),
        ),
        calls=("/chat/completions", "/completions", "/models", "/responses", "/embeddings"),
    ),
)
