"""Small valid objects of each add-on: apiVersion, kind and spec."""

from .manifests import container

POD = {"containers": [container()]}
LABELS = {"app": "web"}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": POD}
SELECTED = {"selector": {"matchLabels": LABELS}, "template": TEMPLATE}
GATEWAY = [{"name": "gateway"}]
SECRET = {"name": "key"}

SAMPLES = {
    "kserve": [
        (
            "serving.kserve.io/v1beta1",
            "InferenceService",
            {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris"}}},
        ),
        (
            "serving.kserve.io/v1alpha1",
            "InferenceGraph",
            {"nodes": {"root": {"routerType": "Splitter", "steps": [{"serviceName": "a", "weight": 100}]}}},
        ),
        ("serving.kserve.io/v1alpha1", "LLMInferenceService", {"model": {"uri": "hf://example/model"}, "replicas": 1}),
    ],
    "gateway-api": [
        (
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            {"parentRefs": GATEWAY, "rules": [{"backendRefs": [{"name": "web", "port": 80, "weight": 90}]}]},
        ),
    ],
    "keda": [
        (
            "keda.sh/v1alpha1",
            "ScaledObject",
            {"scaleTargetRef": {"name": "web"}, "triggers": [{"type": "cron", "metadata": {"timezone": "UTC"}}]},
        ),
    ],
    "argo-rollouts": [
        ("argoproj.io/v1alpha1", "Rollout", {**SELECTED, "strategy": {"canary": {"steps": [{"setWeight": 10}]}}}),
        (
            "argoproj.io/v1alpha1",
            "AnalysisTemplate",
            {"metrics": [{"name": "errors", "provider": {"prometheus": {"address": "http://p", "query": "up"}}}]},
        ),
    ],
    "prometheus-operator": [
        (
            "monitoring.coreos.com/v1",
            "ServiceMonitor",
            {"selector": {"matchLabels": LABELS}, "endpoints": [{"port": "metrics"}]},
        ),
        (
            "monitoring.coreos.com/v1",
            "PrometheusRule",
            {"groups": [{"name": "slo", "rules": [{"alert": "Errors", "expr": "up == 0"}]}]},
        ),
    ],
    "cert-manager": [
        ("cert-manager.io/v1", "Certificate", {"secretName": "tls", "dnsNames": ["a.b"], "issuerRef": {"name": "ca"}}),
    ],
    "external-secrets": [
        ("external-secrets.io/v1", "ExternalSecret", {"secretStoreRef": {"name": "store"}, "target": {"name": "keys"}}),
    ],
    "envoy-gateway": [
        (
            "gateway.envoyproxy.io/v1alpha1",
            "SecurityPolicy",
            {
                "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "web"}],
                "apiKeyAuth": {"credentialRefs": [SECRET], "extractFrom": [{"headers": ["x-api-key"]}]},
            },
        ),
    ],
    "istio": [("security.istio.io/v1", "PeerAuthentication", {"mtls": {"mode": "STRICT"}})],
    "kuberay": [
        (
            "ray.io/v1",
            "RayService",
            {"serveConfigV2": "applications: []", "rayClusterConfig": {"headGroupSpec": {"template": TEMPLATE}}},
        ),
    ],
    "knative-serving": [("serving.knative.dev/v1", "Service", {"template": {"spec": POD}})],
    "lws": [
        (
            "leaderworkerset.x-k8s.io/v1",
            "LeaderWorkerSet",
            {"replicas": 1, "leaderWorkerTemplate": {"size": 2, "workerTemplate": TEMPLATE}},
        ),
    ],
    "inference-extension": [
        (
            "inference.networking.k8s.io/v1",
            "InferencePool",
            {
                "selector": {"matchLabels": LABELS},
                "targetPorts": [{"number": 8000}],
                "endpointPickerRef": {"name": "picker", "port": {"number": 9002}},
            },
        ),
    ],
    "kueue": [("kueue.x-k8s.io/v1beta1", "LocalQueue", {"clusterQueue": "shared"})],
    "grafana-operator": [
        (
            "grafana.integreatly.org/v1beta1",
            "GrafanaDashboard",
            {"instanceSelector": {"matchLabels": LABELS}, "json": "{}"},
        ),
    ],
    "datadog-operator": [
        (
            "datadoghq.com/v1alpha1",
            "DatadogMonitor",
            {"name": "errors", "type": "metric alert", "query": "avg(last_5m):avg:up{*} < 1", "message": "down"},
        ),
    ],
    "seldon": [
        (
            "mlops.seldon.io/v1alpha1",
            "Model",
            {"storageUri": "s3://models/iris", "requirements": ["sklearn"], "memory": "100Ki", "preloaded": False},
        ),
        (
            "mlops.seldon.io/v1alpha1",
            "Server",
            {"serverConfig": "mlserver", "extraCapabilities": ["iris"], "podSpec": POD},
        ),
        (
            "mlops.seldon.io/v1alpha1",
            "Experiment",
            {
                "default": "a",
                "candidates": [{"name": "a", "weight": 90}, {"name": "b", "weight": 10}],
                "mirror": {"name": "c", "percent": 100},
            },
        ),
        (
            "mlops.seldon.io/v1alpha1",
            "Pipeline",
            {
                "steps": [{"name": "a"}, {"name": "b", "inputs": ["a"], "tensorMap": {"a.outputs.x": "y"}}],
                "output": {"steps": ["b"]},
            },
        ),
        (
            "machinelearning.seldon.io/v1",
            "SeldonDeployment",
            {
                "predictors": [
                    {
                        "name": "main",
                        "traffic": 90,
                        "componentSpecs": [{"spec": POD}],
                        "graph": {"name": "a", "type": "ROUTER", "children": [{"name": "b", "type": "MODEL"}]},
                    },
                    {"name": "next", "shadow": True, "traffic": 10, "graph": {"name": "a", "type": "MODEL"}},
                ]
            },
        ),
    ],
}
