"""As many plain resources as the configuration says, each with an input of the one before."""

import pulumi

previous = None
for number in range(pulumi.Config().require_int("resources")):
    inputs = {"name": f"thing-{number}", "size": number, "tags": {"owner": "platform"}, "after": previous}
    previous = pulumi.CustomResource("bench:index:Thing", f"thing-{number}", inputs).id
