"""The grammars of tree-sitter, each loaded when the first file needs it, and which file needs which."""

from __future__ import annotations

from functools import cache

from tree_sitter import Language, Parser

SCRIPTS = {
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
}
COMPONENTS = (".vue", ".svelte")
# what ``<script lang="…">`` may say (Vue, Svelte)
NAMED = {"ts": "typescript", "typescript": "typescript", "tsx": "tsx", "jsx": "javascript", "js": "javascript"}


@cache
def parser(language: str) -> Parser:
    """The parser of ``javascript`` (with JSX), ``typescript``, ``tsx`` or ``html``."""
    if language == "javascript":
        import tree_sitter_javascript

        return Parser(Language(tree_sitter_javascript.language()))
    if language == "html":
        import tree_sitter_html

        return Parser(Language(tree_sitter_html.language()))
    import tree_sitter_typescript

    name = tree_sitter_typescript.language_tsx if language == "tsx" else tree_sitter_typescript.language_typescript
    return Parser(Language(name()))
