"""OpenAPI 3.1 of a vendor's endpoints, read from the models that validate and the envelope that refuses.

What is our choice and not the vendor's word carries `x-heliograph-choice`.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.rest.vendor import CHOICE, REFERENCE, CsvEndpoint, Endpoint, Vendor
from gateway.rest.write import JSON

EXAMPLE_ID = "01JTBQH2FZ8K1RXC0WJ4Z9P3VM"


def openapi(vendor: Vendor) -> dict[str, Any]:
    """The document."""
    answers = {one.answer: None for one in vendor.endpoints if isinstance(one, Endpoint)}
    models: list[type[BaseModel]] = [*answers, vendor.error]
    _, made = models_json_schema([(model, "serialization") for model in models], ref_template=REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {"title": vendor.title, "description": vendor.about, "version": version("heliograph")},
        "servers": [{"url": "/"}, {"url": f"/{vendor.name}"}],
        "security": [{name: [] for name in vendor.credentials.schemes}],
        "paths": {one.path: {one.method.lower(): _operation(vendor, one)} for one in vendor.endpoints},
        "components": {
            "schemas": made["$defs"],
            "securitySchemes": vendor.credentials.schemes,
        },
    }


def _operation(vendor: Vendor, endpoint: Endpoint | CsvEndpoint) -> dict[str, Any]:
    return {
        "operationId": re.sub(r"\W+", "_", endpoint.path.strip("/")).strip("_"),
        "tags": [vendor.title],
        "summary": endpoint.summary,
        "description": endpoint.about + _also(endpoint),
        **(CHOICE if endpoint.is_ours else {}),
        **_asked(vendor, endpoint),
        "responses": {
            str(endpoint.status): {"description": "The answer.", "content": endpoint.schema},
            **_refusals(vendor),
        },
    }


def _also(endpoint: Endpoint | CsvEndpoint) -> str:
    """The other paths to the same."""
    return f" Also at {', '.join(f'`{path}`' for path in endpoint.aliases)}." if endpoint.aliases else ""


def _asked(vendor: Vendor, endpoint: Endpoint | CsvEndpoint) -> dict[str, Any]:
    """What is asked: parts of the path, and the query or the body."""
    places = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": vendor.places[name],
            "schema": {"type": "string"},
        }
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    if endpoint.method == "GET":
        return {"parameters": [*places, *_parameters(endpoint.params)]}
    body = endpoint.params.model_json_schema(mode="validation")
    return {"parameters": places, "requestBody": {"required": True, "content": {JSON: {"schema": body}}}}


def _parameters(params: type[BaseModel]) -> list[dict[str, Any]]:
    schema = params.model_json_schema(mode="validation")
    return [
        _parameter(name, dict(one), name in schema.get("required", ()))
        for name, one in schema["properties"].items()
    ]


def _parameter(name: str, schema: dict[str, Any], is_required: bool) -> dict[str, Any]:
    """One query parameter. Null is how a model says that it is absent; a URL cannot say it."""
    about = schema.pop("description", "")
    choice = {key: schema.pop(key) for key in CHOICE if key in schema}
    schema.pop("title", None)
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    schema |= kinds[0] if kinds else {}
    if schema.get("default", ...) is None:
        del schema["default"]
    return {
        "name": name,
        "in": "query",
        "required": is_required,
        "description": about,
        **choice,
        "schema": schema,
    }


def _refusals(vendor: Vendor) -> dict[str, Any]:
    """The vendor's errors by status, each as its envelope really says it."""
    responses: dict[str, Any] = {}
    for error in vendor.refusals:
        refusal = vendor.envelope(error, EXAMPLE_ID)
        response = responses.setdefault(
            str(refusal.status), {"description": "Refused.", **_content(vendor.error)}
        )
        examples = response["content"]["application/json"].setdefault("examples", {})
        name = error.code if error.code not in examples else f"{error.code}_{len(examples) + 1}"
        examples[name] = {"value": refusal.body, **(CHOICE if type(error) in vendor.ours else {})}
    return responses


def _content(model: type[BaseModel]) -> dict[str, Any]:
    reference = REFERENCE.format(model=model.__name__)
    return {"content": {"application/json": {"schema": {"$ref": reference}}}}
