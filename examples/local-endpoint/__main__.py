import pulumi

from modelberth.local import LocalEndpoint, LocalFoundation

config = pulumi.Config()
machine = LocalFoundation("machine", {"registry": config.require("registry")})
model = {"uri": "models:/iris/1.0.0", "digest": config.require("digest")}
iris = LocalEndpoint("iris", {"foundation": machine, "traffic": {"stable": model}, "clients": ["web"]})
pulumi.export("url", iris.url)
pulumi.export("api_keys", iris.api_keys)
