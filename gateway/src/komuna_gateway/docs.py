"""The page that shows the API, from files of our own: it asks nobody else for anything."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, answer_bytes
from komuna_shared.errors import NotFoundError

router = APIRouter(redirect_slashes=False)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_MEDIA = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "swagger-ui/favicon-32x32.png": "image/png",
    "swagger-ui/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui/swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui/LICENSE": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file of the page."""

    body: bytes
    media_type: str
    tag: str


def _load(name: str, media_type: str) -> File:
    body = files("komuna_gateway").joinpath("static", *name.split("/")).read_bytes()
    return File(body, media_type, f'"{sha256(body).hexdigest()[:22]}"')


# By name and not by path: what a caller writes never reaches the file system.
_FILES = {name.rpartition("/")[2]: _load(name, media) for name, media in _MEDIA.items()}
_PAGE = _load("docs.html", "text/html; charset=utf-8")


@router.get("/docs", include_in_schema=False, dependencies=[public()], response_class=Response)
async def show_docs(request: Request) -> Response:
    """Show the API of all services."""
    return _answer(request, _PAGE)


@router.get(
    "/docs/{name}", include_in_schema=False, dependencies=[public()], response_class=Response
)
async def show_file(request: Request, name: Annotated[str, Path(max_length=64)]) -> Response:
    """Return a file of the page."""
    if name not in _FILES:
        raise NotFoundError
    return _answer(request, _FILES[name])


def _answer(request: Request, file: File) -> Response:
    answer = answer_bytes(
        request, file.body, media_type=file.media_type, tag=file.tag, cache=PUBLIC
    )
    answer.headers["content-security-policy"] = POLICY
    return answer
