import pulumi

from modelberth.aws import AwsFoundation
from modelberth.aws.api_gateway import RestFrontDoor
from modelberth.aws.sagemaker import RealtimeEndpoint

config = pulumi.Config()
account = {"region": config.require("region"), "id": config.require("account")}
alerts, prod = {"emails": [config.require("email")]}, pulumi.get_stack() == "prod"
ml = AwsFoundation("ml", {"account": account, "alerts": alerts, "budget": {"limit_usd": 1000}, "protect": prod})
opts = pulumi.ResourceOptions(provider=ml.provider)

container = {"image": config.require("image"), "model_data": config.require("model")}
scaling = {"min_capacity": 2, "max_capacity": 4, "concurrent_requests": {"target": 4}}
stable = {"version": "1.4.0", "containers": [container], "instance_type": "ml.m6i.large", "scaling": scaling}
guarded = {"slo": {"p95": "200ms", "availability": "99.9%"}, "rollout": {"blue_green": {"bake": "10m"}}}
ranker = RealtimeEndpoint("ranker", {"foundation": ml.shared, "variants": {"stable": stable}, **guarded}, opts)

usual = {"rate": {"per_key": "20/s", "burst": 40}}
daily = {"rate": {"per_key": "5/s", "burst": 5}, "quota": {"requests": 100_000, "per": "day"}}
door = RestFrontDoor(
    "ranker-api",
    {
        "foundation": ml.shared,
        "endpoint": ranker,
        "callers": {"keys": ["web", "batch"], "plan": usual, "plans": {"batch": daily}},
        "public": {"reason": "the shop's servers stand elsewhere", "auth": "keys", "rate_limit": "100/s"},
        "request": {"features": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}},
        "domain": {
            "name": config.require("name"),
            "certificate_arn": config.require("certificate"),
            "zone_id": config.require("zone"),
        },
    },
    opts,
)
pulumi.export("url", door.url)
pulumi.export("api_keys", door.api_keys)
pulumi.export("header", door.api_keys.apply(lambda keys: f"x-api-key: {keys['web']}"))
