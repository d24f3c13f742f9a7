"""As many plain resources as the configuration says, in families: five that refer to the first of them."""

import pulumi

for number in range(pulumi.Config().require_int("resources")):
    if number % 6 == 0:
        first = None
    inputs = {"name": f"thing-{number}", "size": number, "tags": {"owner": "platform"}, "of": first}
    thing = pulumi.CustomResource("bench:index:Thing", f"thing-{number}", inputs)
    first = first if first is not None else thing.id
