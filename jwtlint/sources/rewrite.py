"""Files are rewritten whole or not at all, and only if nobody changed them in the meantime."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from jwtlint.errors import UserError


def read(path: Path) -> bytes:
    """A file's bytes; a symbolic link is refused. Raises :class:`UserError`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            return file.read()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None


def replace(path: Path, data: bytes, expected: bytes) -> None:
    """Give a file that holds ``expected`` other bytes; its mode stays. Raises :class:`UserError`, and then the file is as it was."""
    if read(path) != expected:
        raise UserError(f"{path} changed while jwtlint looked at it; nothing was written, run it again")
    put(path, data, os.stat(path).st_mode & 0o7777)


def create(path: Path, data: bytes) -> None:
    """Write a file, or write it anew; never through a symbolic link. Raises :class:`UserError`."""
    if path.is_symlink():
        raise UserError(f"{path} is a symbolic link, through which jwtlint does not write")
    put(path, data, (os.stat(path).st_mode & 0o7777) if path.exists() else 0o666 & ~current_umask())


def put(path: Path, data: bytes, mode: int) -> None:
    """Write beside the file, then take its place."""
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".jwtlint-", dir=path.parent)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise UserError(f"{path} cannot be written: {error.strerror or error}") from None


def current_umask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
