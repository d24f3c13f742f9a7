"""Take a stack down: everything but the registered models ends. `python tools/workspace/down.py local`."""

import re
import sys

from backend import PROJECT, exclusive, exists
from command import pulumi
from up import recover

from modelberth.stack.files import files_of

SALT = re.compile(r"^encryptionsalt:.*\n?", re.MULTILINE)


def down(stack: str) -> None:
    """Destroy what the stack made, then the stack itself, and leave its file as it was committed."""
    with exclusive():
        if exists(stack):
            recover(stack)
            pulumi("destroy", "--stack", stack, "--yes", "--suppress-outputs")
            pulumi("stack", "rm", stack, "--yes", "--preserve-config")
        else:
            print(f"down: there is no stack {stack}")
        unseal(stack)


def unseal(stack: str) -> None:
    """Take the salt of this machine's passphrase out of the stack's file; Pulumi wrote it there."""
    file = files_of(PROJECT, stack).config
    text = file.read_text() if file.exists() else "secure:"
    if "secure:" not in text:
        file.write_text(SALT.sub("", text))


if __name__ == "__main__":
    down(sys.argv[1])
