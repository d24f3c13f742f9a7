"""What is wrong with a source of a plan, in words for its user."""


class SourceError(Exception):
    """A plan cannot be had from this source. The text says what, where, and how to mend it."""


class ProgramError(SourceError):
    """A project or its program is at fault."""


class DocumentError(SourceError):
    """A document is none that the engine wrote, or not a whole one."""
