from __future__ import annotations

import pytest

from jwtlint.editing.draft import Draft
from jwtlint.editing.source import read_source
from jwtlint.editing.tree import Tree


def draft(code: str, path: str = "app.py") -> Draft:
    return Draft(Tree(read_source(path, code.encode())))


ADDED = [
    # before, after, what is asked for
    ("x = 1\n", "import os\n\nx = 1\n", ("os", "")),
    ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nimport os\n\nx = 1\n', ("os", "")),
    ("import sys\n\nimport jwt\n", "import os\nimport sys\n\nimport jwt\n", ("os", "")),
    ("import abc\n\nimport jwt\n", "import abc\nimport os\n\nimport jwt\n", ("os", "")),
    ("import jwt\n", "import os\n\nimport jwt\n", ("os", "")),
    ("from time import time\n\nimport jwt\n", "import os\nfrom time import time\n\nimport jwt\n", ("os", "")),
    (
        "from __future__ import annotations\n\nimport jwt\n",
        "from __future__ import annotations\n\nimport os\n\nimport jwt\n",
        ("os", ""),
    ),
    ("# licence\nimport jwt\n", "# licence\nimport os\n\nimport jwt\n", ("os", "")),
    ("import os\n", "import os\n", ("os", "")),
    ("from datetime import datetime\n", "from datetime import datetime, timedelta\n", ("datetime", "timedelta")),
    ("from datetime import timezone\n", "from datetime import timedelta, timezone\n", ("datetime", "timedelta")),
    (
        "from datetime import (\n    datetime,\n    timezone,\n)\n",
        "from datetime import (\n    datetime,\n    timedelta,\n    timezone,\n)\n",
        ("datetime", "timedelta"),
    ),
    ("import datetime\n", "import datetime\n", ("datetime", "timedelta")),
    ("import os\r\nimport sys\r\n", "import os\r\nimport sys\r\nfrom datetime import timedelta\r\n", ("datetime", "timedelta")),
]


@pytest.mark.parametrize(("before", "after", "wanted"), ADDED)
def test_an_import_is_added_in_the_style_of_the_file(before: str, after: str, wanted: tuple[str, str]) -> None:
    one = draft(before)
    module, name = wanted
    assert one.imports.name(module, name) if name else one.imports.module(module)
    assert one.text() == after


def test_a_name_is_called_as_the_file_imports_it() -> None:
    assert draft("import datetime as dt\n").imports.name("datetime", "timedelta") == "dt.timedelta"
    assert draft("from datetime import timedelta as td\n").imports.name("datetime", "timedelta") == "td"
    assert draft("import os as system\n").imports.module("os") == "system"


def removed(code: str, path: str = "app.py") -> str:
    """The file without its last statement."""
    one = draft(code, path)
    tree = one.tree
    tree.spans(len(tree.module.body) - 1)
    one.replace(tree.module.body[-1], __import__("libcst").RemoveFromParent())
    return one.text()


def test_an_import_that_nothing_uses_any_more_goes() -> None:
    assert removed("import os\nimport jwt\n\nx = jwt\nos.environ\n") == "import jwt\n\nx = jwt\n"
    assert removed("from a import b, c\n\nx = b\nc()\n") == "from a import b\n\nx = b\n"
    assert removed("from a import (\n    b,\n    c,\n)\n\nx = b\nc()\n") == "from a import (\n    b,\n)\n\nx = b\n"
    assert removed("import os\n\nimport jwt\nfrom app import x\n\nx()\nos\njwt\n") == "import os\n\nfrom app import x\n\nx()\nos\n"


def test_an_import_that_was_not_used_before_stays() -> None:
    assert removed("import os\nimport jwt\njwt\n") == "import os\n"


def test_a_package_keeps_its_imports_for_others() -> None:
    assert removed("from a import b\nb()\n", "pkg/__init__.py") == "from a import b\n"


def test_a_name_in_a_string_or_a_comment_counts_as_used() -> None:
    assert removed('from a import b\n\nx: "b" = 1\nb()\n') == 'from a import b\n\nx: "b" = 1\n'
