"""Our static files, and how long a browser may keep them."""

from os import PathLike, stat_result
from re import compile

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"  # kept, but the ETag is checked each time

BUILT = compile(r"[-/\\][A-Z0-9]{8}\.(css|js|ttf)$")  # esbuild names a file by its content


class Files(StaticFiles):
    """StaticFiles that lets browsers keep built files for good."""

    def file_response(
        self, full_path: PathLike[str] | str, stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = FOREVER if BUILT.search(str(full_path)) else ASK_AGAIN
        return response
