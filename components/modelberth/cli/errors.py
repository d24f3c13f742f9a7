"""What a command says where it cannot do what it was asked."""


class CommandError(Exception):
    """A message for the user, from a command that must start fast: with `ModelberthError` comes all of `pulumi`."""
