"""``python -m jwtlint``, and the command ``jwtlint``."""

from __future__ import annotations

import gc
import os
import sys

from jwtlint import answers


def main() -> None:
    """Run the command line, unless the answer is known already; never returns."""
    try:
        run(sys.argv[1:])
    except KeyboardInterrupt:
        # as click says it once it is there
        sys.stderr.write("\nAborted!\n")
        leave(1)


def run(arguments: list[str]) -> None:
    """One run."""
    if sys.stdout is None or sys.stderr is None:
        # the caller closed it
        nowhere = open(os.devnull, "w", encoding="utf-8")
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    known = answers.recall(arguments) if arguments[:1] == ["check"] else None
    if known is not None:
        leave(say(*known))
    # a run is short, and most of what it makes lives to its end
    gc.disable()
    from jwtlint.cli import main as command

    try:
        command(prog_name="jwtlint", obj=arguments)
    except SystemExit as end:
        if isinstance(end.code, int) or end.code is None:
            leave(end.code or 0)
        raise


def say(text: bytes, status: int) -> int:
    """Write an answer; give the exit status."""
    try:
        sys.stdout.buffer.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader of a pipe went away (``| head``)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def leave(status: int) -> None:
    """End the process at once: taking apart a large heap takes its time."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 1
    os._exit(status)


if __name__ == "__main__":
    main()
