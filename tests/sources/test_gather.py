from __future__ import annotations

from jwtlint.facts.layout import Layout
from jwtlint.sources.gather import Projects, gather
from jwtlint.sources.imports import ImportGraph


def gathered(texts: dict[str, str], *seeds: str, related: tuple[str, ...] = ()) -> list[str]:
    layout = Layout(texts)
    return gather(layout, seeds, related, ImportGraph(layout, {path: text.encode() for path, text in texts.items()}))


def test_without_a_file_that_mentions_tokens_nothing_plays_a_part() -> None:
    assert gathered({"a.py": "import b", "b.py": ""}, related=("a.py",)) == []


def test_importers_join_four_hops_up() -> None:
    texts = {"m0.py": "", **{f"m{number}.py": f"import m{number - 1}" for number in range(1, 7)}}
    assert gathered(texts, "m0.py") == ["m0.py", "m1.py", "m2.py", "m3.py", "m4.py"]


def test_what_these_import_joins_as_well() -> None:
    texts = {"auth.py": "import users", "users.py": "from base import Base", "base.py": "", "other.py": "import base"}
    assert gathered(texts, "auth.py") == ["auth.py", "base.py", "users.py"]


def test_related_files_and_settings_join_in_the_same_application_only() -> None:
    texts = {
        "one/manage.py": "",
        "one/tokens.py": "",
        "one/accounts/views.py": "",
        "one/settings/base.py": "",
        "two/manage.py": "",
        "two/accounts/views.py": "",
        "two/settings.py": "",
    }
    found = gathered(texts, "one/tokens.py", related=("one/accounts/views.py", "two/accounts/views.py"))
    assert found == ["one/accounts/views.py", "one/manage.py", "one/settings/base.py", "one/tokens.py"]


def test_the_deepest_project_folder_counts() -> None:
    projects = Projects(Layout(["manage.py", "a/b/main.py", "a/b/c/d.py", "a/x.py"]))
    assert [projects.of(path) for path in ("a/b/c/d.py", "a/b/main.py", "a/x.py", "manage.py")] == ["a/b", "a/b", "", ""]


def test_folders_may_lie_as_deep_as_a_path_is_long() -> None:
    assert Projects(Layout(["main.py"])).of("a/" * 2_000 + "b.py") == ""


def test_the_package_of_a_django_projects_settings_is_no_project_of_its_own() -> None:
    projects = Projects(Layout(["manage.py", "site/wsgi.py", "site/asgi.py", "site/urls.py", "accounts/views.py"]))
    assert projects.of("site/urls.py") == projects.of("accounts/views.py") == ""


def test_without_manage_py_the_folder_that_is_served_is_a_project() -> None:
    projects = Projects(Layout(["one/wsgi.py", "one/views.py", "two/asgi.py", "two/views.py"]))
    assert [projects.of(path) for path in ("one/views.py", "two/views.py")] == ["one", "two"]
