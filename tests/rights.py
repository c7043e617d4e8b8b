"""Files and folders that cannot be written to, for whoever runs the tests: permissions count nothing for root."""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

CAPABILITIES_VERSION = 0x20080522
OVERRIDING = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which root does without permissions (capabilities(7))."""


@contextmanager
def closed_folder(*files: Path) -> Iterator[Path]:
    """A folder with copies of these files; neither it nor they can be written to while the block runs."""
    with _folder_of(files, 0o555) as folder:
        yield folder


@contextmanager
def closed_files(*files: Path) -> Iterator[Path]:
    """A folder with copies of these files; they cannot be written to while the block runs, but others can be made beside them."""
    with _folder_of(files, 0o755) as folder:
        yield folder


@contextmanager
def _folder_of(files: Iterable[Path], mode: int) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    try:
        for file in files:
            Path(shutil.copy(file, folder)).chmod(0o444)
        folder.chmod(mode)
        with _permissions_count():
            yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """The folder and its files can be written to while the block runs, as by somebody else."""
    for file in (folder, *folder.iterdir()):
        file.chmod(0o755)
    try:
        yield
    finally:
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)


@contextmanager
def _permissions_count() -> Iterator[None]:
    """They count for root too, in this thread and those that it begins while the block runs."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()
    libc.capget(header, held)
    effective = held[0]
    try:
        held[0] = effective & ~OVERRIDING
        libc.capset(header, held)
        yield
    finally:
        held[0] = effective
        libc.capset(header, held)
