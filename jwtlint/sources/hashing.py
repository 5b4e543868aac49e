"""BLAKE2b (RFC 7693), which tells findings and files apart.

``hashlib`` has the same function, but loads OpenSSL first, which takes longer than many a scan.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:
    # a Python that keeps it elsewhere
    from hashlib import blake2b

__all__ = ["blake2b"]
