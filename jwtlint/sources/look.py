"""What one look at a file's bytes tells."""

from __future__ import annotations

import msgspec

# subjects of every file: comments that ask for silence, those addressed to jwtlint (in front ends all of them), and in Python files
# Flake8's where they may name one of its rules
REMARK, NOQA, CODE = 64, 128, 256


class Look(msgspec.Struct, frozen=True, array_like=True):
    """What one look at a file tells: its subjects (a sum of bits, 0 for none), and what it imports.

    Of a Python file these are its import statements, of a front end's the modules it names; one after the other, on lines.
    """

    subjects: int
    imports: bytes


SILENT = Look(0, b"")
