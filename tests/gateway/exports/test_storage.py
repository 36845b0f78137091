"""Files in a folder and in an object store: the same from outside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from obstore.store import LocalStore, MemoryStore

from gateway.app import create_app, secret_of
from gateway.exports.bucket import Bucket, opened
from gateway.exports.downloads import DownloadsEndpoint
from gateway.exports.folder import Folder
from gateway.exports.runner import Exporter
from gateway.exports.storage import Storage, storage_of
from gateway.settings import SettingsError
from resolvers.links import Links
from tests.gateway.exports.asking import exported
from tests.house import House


@pytest.fixture(params=["folder", "memory", "local"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """A place for files; object stores keep unfinished ones in the temporary folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    if request.param == "folder":
        return Folder(tmp_path / "files")
    (tmp_path / "files").mkdir()
    return Bucket(MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "files"))


def test_a_file_is_there_once_it_is_published_and_then_until_it_is_removed(
    storage: Storage, tmp_path: Path
) -> None:
    path = storage.draft("exp_1-1.csv")
    path.write_bytes(b"0123456789" * 1000)
    with pytest.raises(FileNotFoundError):
        storage.open("exp_1-1.csv")

    storage.publish(path, "exp_1-1.csv")

    content = storage.open("exp_1-1.csv")
    assert content.size == 10_000
    assert content.read(9_995, 5) == b"56789"
    content.close()
    assert not path.exists()
    storage.remove("exp_1-1.csv")
    storage.remove("exp_1-1.csv")
    with pytest.raises(FileNotFoundError):
        storage.open("exp_1-1.csv")
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_an_unfinished_file_is_removed_too(storage: Storage) -> None:
    path = storage.draft("exp_1-1.csv")
    path.write_bytes(b"half of i")

    storage.remove("exp_1-1.csv")

    assert not path.exists()


async def test_an_export_goes_through_an_object_store(house: House, key: str, storage: Storage) -> None:
    store = house.gateway.store
    links = Links(await secret_of(house.gateway.settings, store))
    terms = house.gateway.exporter.terms
    gateway = replace(
        house.gateway,
        exporter=Exporter(store, storage, house.clock, terms),
        downloads=DownloadsEndpoint(store, storage, links, house.clock),
    )
    transport = httpx2.ASGITransport(create_app(gateway))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        there = House(gateway, client, house.now)

        file = await exported(there, key, campaigns={})

        link = file.export["downloadUrl"]
        part = await client.get(link, headers={"Range": "bytes=0-10"})
        assert part.content == file.body[:11] == b"campaign_id"
        house.now += terms.keep
        await gateway.exporter.tidy()
        assert (await client.get(link)).status_code == 410


def test_the_setting_names_a_folder_or_a_bucket(tmp_path: Path) -> None:
    assert isinstance(storage_of(str(tmp_path)), Folder)
    assert isinstance(storage_of("s3://bucket/prefix"), Bucket)
    assert "bucket" in repr(opened("s3://bucket/prefix"))
    with pytest.raises(SettingsError, match="EXPORT_FOLDER"):
        storage_of("ftp://somewhere")
