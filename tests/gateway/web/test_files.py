"""How long browsers may keep our files."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from gateway.web.files import ASK_AGAIN, FOREVER, Files
from gateway.web.graphiql import MANIFEST, STATIC

CLIENT = TestClient(Starlette(routes=[Mount("/static", Files(directory=STATIC))]))


@pytest.mark.parametrize("name", [MANIFEST["script"], MANIFEST["style"]])
def test_a_built_file_is_kept_for_good(name: str):
    assert CLIENT.get(f"/static/graphiql/{name}").headers["cache-control"] == FOREVER


def test_a_chunk_is_kept_for_good():
    chunk = next((STATIC / "graphiql" / "chunks").iterdir())

    assert CLIENT.get(f"/static/graphiql/chunks/{chunk.name}").headers["cache-control"] == FOREVER


@pytest.mark.parametrize("path", ["graphiql/manifest.json", "graphiql/licences.txt", "icon.svg"])
def test_other_files_are_checked_each_time(path: str):
    answer = CLIENT.get(f"/static/{path}")

    assert answer.headers["cache-control"] == ASK_AGAIN
    again = CLIENT.get(f"/static/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, ASK_AGAIN)
