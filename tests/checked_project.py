"""A small Pulumi project on disk, and what `modelberth check` says of it."""

import json
import os
import subprocess
from textwrap import dedent

from modelberth.cli.main import main

# The SDK tells the line that called a class of a provider's package, not one that calls its own class.
HEAD = """\
import pulumi
class Made(pulumi.CustomResource):
    def __init__(self, type, name, inputs):
        super().__init__(type, name, inputs)
"""
KEY = 'Made("aws:kms/key:Key", "{name}", {{"enableKeyRotation": {rotates}, "policy": "{{}}"}})\n'
TRUSTED = KEY.format(name="signer", rotates=True)
WRONG = KEY.format(name="signer", rotates=False)
NAT = 'Made("aws:ec2/natGateway:NatGateway", "way", {"subnetId": "subnet-1"})\n'
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
OPEN = f'Made("aws:iam/rolePolicy:RolePolicy", "all", {{"role": "r", "policy": {ALL!r}}})\n'
REGION = "config:\n  aws:region: eu-central-1\n"


class Checked:
    """A project on disk, and what the command says of it."""

    def __init__(self, folder, capsys):
        self.folder, self._capsys = folder, capsys
        folder.mkdir(parents=True)
        self.write("Pulumi.yaml", "name: shop\nruntime: python\n")
        self.write("Pulumi.dev.yaml", REGION)

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(dedent(text))
        return file

    def program(self, *parts):
        self.write("__main__.py", HEAD + "".join(parts))

    def check(self, *arguments, exits=0):
        """What the command writes to its output, or to its error output where it ends with 2."""
        try:
            main(["check", "--project", str(self.folder), *arguments])
            code = 0
        except SystemExit as end:
            code = end.code
        said = self._capsys.readouterr()
        assert code == exits, f"{code}: {said.err or said.out}"
        if exits == 2:
            assert said.out == "" and "Traceback" not in said.err
            return said.err
        assert said.err == ""
        return said.out

    def json(self, *arguments, exits=0):
        return json.loads(self.check("--format", "json", *arguments, exits=exits))

    def git(self, *arguments):
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
        bare = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        command = ["git", "-C", self.folder, *identity, *arguments]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **bare})

    def commit(self):
        """All that there is, as the branch `main`."""
        if not (self.folder / ".git").exists():
            self.git("init")
        self.git("add", ".")
        self.git("commit", "-m", "a state")


def rules(document, stack=0, key="findings"):
    return [finding["rule"] for finding in document["stacks"][stack][key]]
