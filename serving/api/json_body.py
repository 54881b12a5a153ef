"""Reading a JSON body strictly: JSON only, no ``NaN``, not too many subjects, all before it is validated."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from serving.api.problems import Refused

LIMITED = ("ids", "subjects")
"""Lists of a body whose length is limited."""


class StrictRequest(Request):
    """A request whose JSON is parsed by pydantic's reader, which refuses what JSON does not know."""

    async def json(self) -> Any:
        """Parse the body.

        Raises
        ------
        Refused
            With 400 if it is no JSON, with 413 if it holds too many subjects.
        """
        try:
            document = from_json(await self.body(), allow_inf_nan=False)
        except ValueError as error:
            raise Refused(400, f"the body is no valid JSON: {error}") from None
        self._check_length(document)
        return document

    def _check_length(self, document: Any) -> None:
        most = self.app.state.max_subjects
        for name in LIMITED if isinstance(document, dict) else ():
            came = document.get(name)
            if isinstance(came, list) and len(came) > most:
                raise Refused(413, f"{name} may hold {most} subjects, but holds {len(came)}; send several requests")


class StrictRoute(APIRoute):
    """A route that takes ``application/json`` and nothing else where it has a body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's own handler."""
        answer = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if self.body_field is not None:
                _check_content_type(request)
            return await answer(StrictRequest(request.scope, request.receive))

        return strict


def _check_content_type(request: Request) -> None:
    came = request.headers.get("content-type", "")
    kind, _, parameters = came.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8"):
        raise Refused(415, f"expected Content-Type application/json in UTF-8, but got {repr(came) if came else 'none'}")
