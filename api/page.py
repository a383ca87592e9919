"""The page at `/`, its files, and the OpenAPI page at `/docs`: nothing from outside."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from api.service import ServiceOf

_HERE = Path(__file__).parent

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def page(request: Request, service: ServiceOf) -> HTMLResponse:
    """The shop's page; everything else it asks for itself."""
    return _templates(request).TemplateResponse(
        request,
        "index.html",
        {"settings": service.settings},
    )


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Swagger UI over `/openapi.json`."""
    return _templates(request).TemplateResponse(request, "docs.html", {})


def install_page(app: FastAPI) -> None:
    """Add the pages to ``app``. Swagger UI comes from the fastapi-offline wheel."""
    app.state.templates = Jinja2Templates(_HERE / "templates")
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.mount("/swagger", StaticFiles(packages=[("fastapi_offline", "static")]), name="swagger")
    app.include_router(router)


def _templates(request: Request) -> Jinja2Templates:
    templates: Jinja2Templates = request.app.state.templates
    return templates
