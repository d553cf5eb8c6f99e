"""Files elsewhere: addresses such as ``s3://bucket/news/`` or ``https://host/feed.xml``, read through fsspec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import urlsplit

import fsspec

from pipeline.errors import UsageError

_BLOCK_BYTES = 1 << 20
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "checksum")  # what stores say of a file's content


def is_remote(path: str) -> bool:
    """Whether a path is an address for fsspec: ``protocol://...``, chains such as ``gzip::https://...`` included."""
    return "://" in path


def list_remote(address: str) -> list[tuple[str, str]]:
    """(address, name) of the files at an address: itself, or all below it, with names relative to it.

    Raises UsageError when there is nothing, or no way to get there.
    """
    try:
        filesystem, root = fsspec.core.url_to_fs(address)
        if "http" in _protocols(filesystem) or filesystem.isfile(root):
            if not filesystem.exists(root):
                raise FileNotFoundError(address)
            return [(address, _last(address))]
        found = sorted(filesystem.find(root))
    except FileNotFoundError:
        found = []
    except ImportError as error:
        raise UsageError(f"{address}: {error} (pip install 'claimledger[remote]' brings s3:// and https://)") from error
    except Exception as error:  # each store fails in its own way
        raise UsageError(f"{address}: cannot be opened: {type(error).__name__}: {error}") from error
    if not found:
        raise UsageError(f"no such file or folder: {address}")
    return [(filesystem.unstrip_protocol(path), path.removeprefix(root).lstrip("/") or _last(path)) for path in found]


def remote_size(address: str) -> int:
    """Size in bytes, 0 when the store does not say."""
    filesystem, path = fsspec.core.url_to_fs(address)
    return int(filesystem.info(path).get("size") or 0)


def remote_mark(address: str) -> str | None:
    """What the store itself gives as a mark of the content (an ETag), so that the file need not be read to see that it is the same."""
    filesystem, path = fsspec.core.url_to_fs(address)
    info: dict[str, Any] = filesystem.info(path)
    return next((f"{name} {info[name]}" for name in _MARKS if info.get(name)), None)


def open_remote(address: str) -> IO[bytes]:
    """The bytes of a remote file, as they are there; blocks are fetched as they are read."""
    opened: IO[bytes] = fsspec.open(address, "rb", compression=None).open()
    return opened


def remote_blocks(address: str) -> Iterator[bytes]:
    with open_remote(address) as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _last(address: str) -> str:
    """Last part of an address's path, without its query."""
    path = urlsplit(address).path.rstrip("/")
    return path.rsplit("/", 1)[-1] or address.rsplit("/", 1)[-1]
