"""One module a format: ``render`` makes the whole report, ``TERMINAL`` tells whether people read it on a terminal.

:mod:`jwtlint.report.registry` finds a format by the name of its module; nothing else lists them.
"""
