"""Which file an import means, told from the paths alone."""

from __future__ import annotations

import pytest

from jwtlint.facts.layout import Layout


def resolve(paths: list[str], importer: str, statement: str, libraries: tuple[str, ...] = ()) -> str | None:
    """The file that an import's module means: ``shop.models``, ``.models``, ``..core``."""
    module = statement.lstrip(".")
    return Layout(paths, libraries).resolve(importer, module, len(statement) - len(module))


PACKAGE = ["shop/__init__.py", "shop/models.py", "shop/api/__init__.py", "shop/api/routes.py", "shop/api/deps.py", "run.py"]


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("shop/api/routes.py", ".deps", "shop/api/deps.py"),
        ("shop/api/routes.py", ".", "shop/api/__init__.py"),
        ("shop/api/__init__.py", ".deps", "shop/api/deps.py"),
        ("shop/api/routes.py", "..models", "shop/models.py"),
        ("shop/api/routes.py", "..", "shop/__init__.py"),
        ("shop/api/routes.py", "..api.deps", "shop/api/deps.py"),
        ("shop/api/routes.py", ".missing", None),
        ("shop/models.py", ".api", "shop/api/__init__.py"),
    ],
)
def test_relative_imports(importer: str, statement: str, expected: str | None) -> None:
    assert resolve(PACKAGE, importer, statement) == expected


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("run.py", "shop", "shop/__init__.py"),
        ("run.py", "shop.models", "shop/models.py"),
        ("shop/api/routes.py", "shop.models", "shop/models.py"),
        ("shop/api/routes.py", "run", "run.py"),
        ("run.py", "models", None),
        ("shop/api/routes.py", "elsewhere", None),
    ],
)
def test_absolute_imports_from_the_package_s_root(importer: str, statement: str, expected: str | None) -> None:
    assert resolve(PACKAGE, importer, statement) == expected


def test_a_module_and_a_package_of_one_name_mean_the_package() -> None:
    assert resolve(["app.py", "app/__init__.py", "main.py"], "main.py", "app") == "app/__init__.py"


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("backend/api/users.py", "models", "backend/models.py"),
        ("backend/api/users.py", "core.auth.service", "backend/core/auth/service.py"),
        ("backend/core/auth/service.py", "core.entity", "backend/core/entity.py"),
        ("backend/api/users.py", "json", None),
        ("library/inner/deep.py", "plain", None),
        ("library/inner/deep.py", "parts.plain", "library/parts/plain.py"),
    ],
)
def test_a_package_that_holds_a_script_is_a_root_for_what_runs_inside_it(importer: str, statement: str, expected: str | None) -> None:
    paths = ["backend/__init__.py", "backend/main.py", "backend/models.py", "backend/json.py", "backend/api/__init__.py"]
    paths += ["backend/api/users.py", "backend/core/auth/service.py", "backend/core/entity.py"]
    paths += ["library/__init__.py", "library/plain.py", "library/parts/plain.py", "library/inner/__init__.py", "library/inner/deep.py"]
    assert resolve(paths, importer, statement) == expected


def test_a_folder_without_an_init_is_a_root_and_a_namespace() -> None:
    paths = ["backend/main.py", "backend/core/security.py", "backend/core/config.py"]
    assert resolve(paths, "backend/main.py", "core.security") == "backend/core/security.py"
    assert resolve(paths, "backend/core/security.py", "core.config") == "backend/core/config.py"


def test_a_script_beside_a_module_inside_a_package_sees_it() -> None:
    assert resolve(["app/__init__.py", "app/main.py", "app/models.py"], "app/main.py", "models") == "app/models.py"


# -- src layout --------------------------------------------------------------------------------------------------------

SRC = ["src/notes/__init__.py", "src/notes/tokens.py", "src/notes/views.py", "manage.py", "scripts/seed.py"]


@pytest.mark.parametrize("importer", ["src/notes/views.py", "manage.py", "scripts/seed.py"])
def test_a_package_in_src_is_found_from_inside_and_from_beside(importer: str) -> None:
    assert resolve(SRC, importer, "notes.tokens") == "src/notes/tokens.py"


def test_src_is_no_part_of_a_name() -> None:
    assert resolve(SRC, "manage.py", "src.notes.tokens") == "src/notes/tokens.py"  # some run it so
    assert resolve(SRC, "manage.py", "tokens") is None


# -- several applications ----------------------------------------------------------------------------------------------

SIBLINGS = ["portal/app.py", "portal/models.py", "portal/auth.py", "staff/app.py", "staff/models.py"]


def test_each_of_two_applications_finds_its_own_modules() -> None:
    assert resolve(SIBLINGS, "portal/app.py", "models") == "portal/models.py"
    assert resolve(SIBLINGS, "staff/app.py", "models") == "staff/models.py"


def test_an_application_does_not_see_its_sibling_s_modules() -> None:
    assert resolve(SIBLINGS, "staff/app.py", "auth") is None


def test_an_application_does_not_see_its_sibling_s_package() -> None:
    paths = ["portal/shop/__init__.py", "portal/shop/auth.py", "portal/main.py", "staff/shop/__init__.py", "staff/main.py"]
    assert resolve(paths, "portal/main.py", "shop.auth") == "portal/shop/auth.py"
    assert resolve(paths, "staff/main.py", "shop") == "staff/shop/__init__.py"


BESIDE = ["apps/portal/main.py", "packages/tokenkit/tokenkit/__init__.py", "packages/tokenkit/tokenkit/sign.py", "apps/staff/main.py"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [("tokenkit", "packages/tokenkit/tokenkit/__init__.py"), ("tokenkit.sign", "packages/tokenkit/tokenkit/sign.py")],
)
def test_a_package_beside_the_application_is_found_and_known_to_be_foreign(statement: str, expected: str) -> None:
    layout = Layout(BESIDE)
    assert layout.resolve("apps/portal/main.py", statement, 0) == expected
    assert layout.is_foreign("apps/portal/main.py", statement, 0)


def test_one_s_own_modules_are_not_foreign() -> None:
    assert not Layout(SIBLINGS).is_foreign("portal/app.py", "models", 0)
    assert not Layout(PACKAGE).is_foreign("shop/api/routes.py", "models", 2)


def test_a_package_that_could_be_either_of_two_is_neither() -> None:
    paths = ["apps/main.py", "one/kit/__init__.py", "two/kit/__init__.py"]
    assert resolve(paths, "apps/main.py", "kit") is None


def test_a_package_of_the_same_top_folder_is_preferred() -> None:
    paths = ["one/apps/main.py", "one/lib/kit/__init__.py", "two/lib/kit/__init__.py"]
    assert resolve(paths, "one/apps/main.py", "kit") == "one/lib/kit/__init__.py"


def test_a_part_of_another_package_is_not_found_by_its_bare_name() -> None:
    assert resolve(["main/app.py", "other/__init__.py", "other/kit/__init__.py"], "main/app.py", "kit") is None


# -- names of libraries ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paths", [["jwt.py", "main.py"], ["jwt/__init__.py", "main.py"], ["app/jwt.py", "app/__init__.py", "main.py"]])
def test_a_file_named_like_a_library_does_not_hide_it(paths: list[str]) -> None:
    assert resolve(paths, "main.py", "jwt", libraries=("jwt",)) is None


def test_a_relative_import_means_the_file_whatever_its_name() -> None:
    assert resolve(["app/__init__.py", "app/jwt.py", "app/main.py"], "app/main.py", ".jwt", libraries=("jwt",)) == "app/jwt.py"


def test_a_submodule_named_like_a_library_is_found_by_its_full_name() -> None:
    assert resolve(["app/__init__.py", "app/jwt.py", "app/main.py"], "app/main.py", "app.jwt", libraries=("jwt",)) == "app/jwt.py"


def test_a_module_does_not_import_itself() -> None:
    # ``redis.py`` that says ``import redis`` means the library, also one of which nothing is known
    assert resolve(["app/redis.py", "app/main.py"], "app/redis.py", "redis") is None


def test_a_module_of_the_standard_library_is_not_looked_for_beside_the_application() -> None:
    assert resolve(["app/main.py", "elsewhere/json/__init__.py"], "app/main.py", "json") is None


def test_a_package_whose_folder_is_spelt_in_other_cases_is_found_where_nothing_else_is() -> None:
    paths = ["FlaskShop/__init__.py", "FlaskShop/models.py", "run.py"]
    assert resolve(paths, "run.py", "flaskshop") == "FlaskShop/__init__.py"
    assert resolve(paths, "FlaskShop/models.py", "flaskshop.models") == "FlaskShop/models.py"
    assert resolve([*paths, "flaskshop/__init__.py"], "run.py", "flaskshop") == "flaskshop/__init__.py"
    assert resolve(["Json/__init__.py", "Jose/__init__.py", "run.py"], "run.py", "json") is None
    assert resolve(["Json/__init__.py", "Jose/__init__.py", "run.py"], "run.py", "jose", libraries=("jose",)) is None


# -- templates ---------------------------------------------------------------------------------------------------------


def test_a_folder_named_by_a_template_s_expression_is_found_by_the_name_that_stands_for_it() -> None:
    paths = ["{{cookiecutter.slug}}/app/models.py", "{{cookiecutter.slug}}/app/main.py", "{{ cookiecutter.app }}/tokens.py", "run.py"]
    assert resolve(paths, "{{cookiecutter.slug}}/app/main.py", "app.models") == "{{cookiecutter.slug}}/app/models.py"
    assert resolve(paths, "run.py", "__cookiecutter_app__.tokens") == "{{ cookiecutter.app }}/tokens.py"
