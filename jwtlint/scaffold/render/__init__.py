"""From the modules in ``code/`` to the user's: names filled in, asynchronous to synchronous, imports in order, lines of the right length.

Source is changed token by token, so that what is not meant to change stays as it is, to the byte.
"""
