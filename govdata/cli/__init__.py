"""The command line: one module a command, each a function that returns an exit code."""

from govdata.cli.deferral import deferred

with deferred("inspect"):  # a dozen modules, a tenth of what a small run imports, which click uses for help pages alone
    import click  # noqa: F401 - for all that follow
