"""The recipes: one LibCST codemod a module, found by its name. This folder is the registry.

A rule names its recipe (``[fix]`` in its file); the recipe gets a finding of that rule and proposes a change, or refuses with a
reason (:mod:`jwtlint.editing.recipe`). How far a change is to be trusted is the recipe's to say, for it depends on what it finds.
"""
