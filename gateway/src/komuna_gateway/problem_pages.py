"""The pages that the `type` of a problem document leads to."""

from collections.abc import Mapping
from html import escape
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language
from komuna_shared.errors import NotFoundError
from komuna_shared.openapi import list_problems

router = APIRouter(prefix="/problems", redirect_slashes=False)

POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="{language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title}</title>
    <link rel="stylesheet" href="/docs/docs.css">
  </head>
  <body>
    <main class="page">
{content}
      <p><a href="/problems">/problems</a> · <a href="/docs">/docs</a></p>
    </main>
  </body>
</html>
"""

Problem = dict[str, Any]


@router.get("", include_in_schema=False, dependencies=[public()], response_class=Response)
async def show_problems(request: Request, language: Language) -> Response:
    """List every problem that an answer may name."""
    problems = await _all(request)
    if not _is_browser(request):
        return _json({"items": list(problems.values())})
    lines = [
        f'        <li><a href="/problems/{escape(code)}">{escape(code)}</a> ({one["status"]}): '
        f"{escape(one['title'][language])}</li>"
        for code, one in problems.items()
    ]
    content = "\n".join(["      <ul>", *lines, "      </ul>"])
    return _html("Komuna", content, language)


@router.get("/{code}", include_in_schema=False, dependencies=[public()], response_class=Response)
async def show_problem(
    request: Request, language: Language, code: Annotated[str, Path(max_length=64)]
) -> Response:
    """Say what a problem means."""
    found = (await _all(request)).get(code)
    if found is None:
        raise NotFoundError
    if not _is_browser(request):
        return _json(found)
    title, detail = escape(found["title"][language]), escape(found["detail"][language])
    content = f"      <h1>{title}</h1>\n      <p>{detail}</p>\n"
    content += f"      <p><code>{escape(found['code'])}</code> · HTTP {found['status']}</p>"
    return _html(title, content, language)


async def _all(request: Request) -> Mapping[str, Problem]:
    documents = await request.app.state.catalogue.documents()
    found = {one["code"]: one for one in list_problems()}
    for document in documents.values():
        # Shared kinds are the same everywhere; a service's own are known from it alone.
        for one in (document or {}).get("x-problems", ()):
            found.setdefault(one["code"], one)
    return dict(sorted(found.items()))


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _json(value: Any) -> Response:
    return Response(
        orjson.dumps(value), headers={"cache-control": PUBLIC}, media_type="application/json"
    )


def _html(title: str, content: str, language: str) -> Response:
    page = _PAGE.format(language=language, title=title, content=content)
    headers = {"cache-control": PUBLIC, "content-security-policy": POLICY}
    return Response(page, headers=headers, media_type="text/html")
