"""As many services on one machine as the configuration says, through the components."""

import pulumi

from modelberth.local import LocalEndpoint, LocalFoundation

machine = LocalFoundation("machine")
for number in range(pulumi.Config().require_int("services")):
    model = {"uri": f"models:/iris-{number}/1.0.0", "digest": f"sha256:{number:064x}"}
    args = {
        "foundation": machine,
        "traffic": {"stable": model},
        "clients": ["web", "batch"],
        "rate": {"per_key": "1000/s", "burst": 2000},
    }
    iris = LocalEndpoint(f"iris-{number}", args)
    pulumi.export(f"iris-{number}", {"url": iris.url, "api_keys": iris.api_keys})
