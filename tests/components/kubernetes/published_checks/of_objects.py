"""Published checks of objects that are no pods, and of what they point at."""

from collections.abc import Callable, Iterator
from typing import Any

from components.kubernetes.published_checks.check import Check, Subject, kinds
from components.kubernetes.published_checks.of_containers import PRIVATE_KEY, SECRET_NAME
from components.kubernetes.published_checks.of_pods import made, selects
from components.kubernetes.published_checks.pods import found, pods_of

READS, WRITES = {"get", "list", "watch", "*"}, {"create", "delete", "*"}
WORKLOADS = {"pods", "deployments", "statefulsets", "replicasets", "cronjobs", "jobs", "daemonsets"}
SESSIONS = {"pods/exec", "pods/attach", "*"}
TLS_PORT = 443


def spec(subject: Subject, path: str, otherwise: Any = None) -> Any:
    """What an object says at a path of its spec."""
    return next(found(subject.part, f"spec/{path}"), otherwise)


def pods_beside(subject: Subject) -> Iterator[dict[str, str]]:
    """The labels of every pod that is made with it."""
    for each in subject.others:
        yield from ({**pod.labels} for pod in pods_of(each))


def finds_pods(path: str) -> Callable[[Subject], bool]:
    """Its selector finds a pod that is made with it."""

    def holds(subject: Subject) -> bool:
        selector = spec(subject, path, {})
        choice = selector if "match" in "".join(selector) else {"matchLabels": selector}
        return any(selects(choice, labels) for labels in pods_beside(subject))

    return holds


def scales_what_is_there(subject: Subject) -> bool:
    """What it scales is made with it."""
    target = spec(subject, "scaleTargetRef")
    return any(each["metadata"]["name"] == target["name"] for each in made(subject, target["kind"]))


def peers_are_there(subject: Subject) -> bool:
    """Each of its peers that is given by labels alone is made with it."""
    ways = ("spec/ingress/*/from/*", "spec/egress/*/to/*")
    peers = [peer for way in ways for peer in found(subject.part, way) if set(peer) == {"podSelector"}]
    return all(any(selects(each["podSelector"], labels) for labels in pods_beside(subject)) for each in peers)


def disruptions_possible(subject: Subject) -> bool:
    """It lets one pod go, at least."""
    keeps, lets = spec(subject, "minAvailable"), spec(subject, "maxUnavailable")
    return keeps is None and lets not in (None, 0, "0", "0%")


def grants(resources: set[str], verbs: set[str]) -> Callable[[Subject], bool]:
    """No rule of it grants these verbs on these resources."""
    return lambda subject: (
        not any(
            resources & set(rule.get("resources", ())) and verbs & set(rule["verbs"]) for rule in subject.part["rules"]
        )
    )


def rule(resource: str, *verbs: str) -> dict[str, Any]:
    """A breach: a rule that grants too much."""
    return {"rules": [{"apiGroups": [""], "resources": [resource], "verbs": list(verbs)}]}


def no_star(subject: Subject) -> bool:
    """Whatever it grants, it names."""
    parts = ("apiGroups", "resources", "verbs")
    return not any("*" in each.get(part, ()) for each in subject.part["rules"] for part in parts)


def binds_what_is_there(subject: Subject) -> bool:
    """It gives a Role that is made with it."""
    role = subject.part["roleRef"]
    return role["kind"] == "Role" and role["name"] in {each["metadata"]["name"] for each in made(subject, "Role")}


def holds_no_secret(subject: Subject) -> bool:
    """Neither its keys nor its texts are secrets."""
    data = subject.part.get("data", {})
    return not any(SECRET_NAME.search(key) or PRIVATE_KEY in str(text) for key, text in data.items())


def has_certificates(subject: Subject) -> bool:
    """Each listener with TLS has a certificate."""
    secure = [each for each in spec(subject, "listeners") if each["protocol"] in ("HTTPS", "TLS")]
    return all(each["tls"].get("certificateRefs") for each in secure)


def routes_of_some(subject: Subject) -> bool:
    """No listener takes the routes of every namespace."""
    return "All" not in list(found(subject.part, "spec/listeners/*/allowedRoutes/namespaces/from"))


def names_its_hosts(subject: Subject) -> bool:
    """It is for hosts that it names."""
    hosts = spec(subject, "hostnames", ())
    return bool(hosts) and not any("*" in host for host in hosts)


def stays_in_its_namespace(subject: Subject) -> bool:
    """What it sends to is in its own namespace."""
    where = {*found(subject.part, "spec/rules/*/backendRefs/*/namespace")}
    return where <= {subject.part["metadata"]["namespace"]}


def on_a_secure_listener(subject: Subject) -> bool:
    """It names the listener that it is at, and that one is HTTPS, or it answers with a redirect only."""
    listeners = {*found(subject.part, "spec/parentRefs/*/sectionName")}
    answers = list(found(subject.part, "spec/rules/*/backendRefs/*"))
    return not answers or listeners == {"https"}


def in_a_namespace(subject: Subject) -> bool:
    """It is of no namespace, or of one that is not `default`."""
    return subject.part["kind"] == "Namespace" or subject.part["metadata"].get("namespace") not in (None, "default")


def bounded(subject: Subject) -> bool:
    """Its ceiling is above its floor."""
    return spec(subject, "maxReplicas") > spec(subject, "minReplicas", 1)


GONE = {"app": "gone"}
CHECKS = (
    Check("it is in a namespace, and not in the default one", kinds(), in_a_namespace,
          {"kind": "ConfigMap", "metadata": {"namespace": "default"}}, ("use-namespace",)),
    Check("its version of the API is in use", kinds(),
          lambda each: not each.part["apiVersion"].startswith("extensions/"),
          {"apiVersion": "extensions/v1beta1"}, ("no-extensions-v1beta",)),
    Check("it finds pods", kinds("Service"), finds_pods("selector"), {"spec": {"selector": GONE}},
          ("dangling-service",)),
    Check("it finds pods to watch", kinds("PodMonitor"), finds_pods("selector"),
          {"spec": {"selector": {"matchLabels": GONE}}}, ("dangling-servicemonitor",)),
    Check("it finds pods to isolate", kinds("NetworkPolicy"), finds_pods("podSelector"),
          {"spec": {"podSelector": {"matchLabels": GONE}}}, ("dangling-networkpolicy",)),
    Check("it finds the pods that it lets talk", kinds("NetworkPolicy"), peers_are_there,
          {"spec": {"ingress": [{"from": [{"podSelector": {"matchLabels": GONE}}]}]}},
          ("dangling-networkpolicypeer-podselector",)),
    Check("it finds what it scales", kinds("HorizontalPodAutoscaler", "ScaledObject"), scales_what_is_there,
          {"spec": {"scaleTargetRef": {"name": "gone"}}}, ("dangling-horizontalpodautoscaler",)),
    Check("nobody outside the cluster reaches it", kinds("Service"),
          lambda each: spec(each, "type", "ClusterIP") == "ClusterIP", {"spec": {"type": "LoadBalancer"}},
          ("exposed-services",)),
    Check("it leads to no name outside the cluster", kinds("Service"), lambda each: spec(each, "externalName") is None,
          {"spec": {"externalName": "example.com"}}, ("externalname-service-redirect",)),
    Check("an update goes pod by pod", kinds("Deployment"),
          lambda each: spec(each, "strategy/type", "RollingUpdate") == "RollingUpdate",
          {"spec": {"strategy": {"type": "Recreate"}}}, ("no-rolling-update-strategy",)),
    Check("it lets pods go, one at least", kinds("PodDisruptionBudget"), disruptions_possible,
          {"spec": {"maxUnavailable": 0}}, ("pdb-max-unavailable",)),
    Check("it keeps no number that could be all of them", kinds("PodDisruptionBudget"), disruptions_possible,
          {"spec": {"minAvailable": 1}}, ("pdb-min-available",),
          ("pdbMinAvailableEqualToHPAMinReplicas", "pdbMinAvailableGreaterThanHPAMinReplicas",
           "pdbMinAvailableGreaterThanHPAMaxReplicas")),
    Check("a pod that is not ready anyway may always go", kinds("PodDisruptionBudget"),
          lambda each: spec(each, "unhealthyPodEvictionPolicy") == "AlwaysAllow",
          {"spec": {"unhealthyPodEvictionPolicy": None}}, ("pdb-unhealthy-pod-eviction-policy",)),
    Check("its ceiling is above its floor", kinds("HorizontalPodAutoscaler"), bounded,
          {"spec": {"maxReplicas": 1}}, (), ("hpaMaxAvailability",)),
    Check("a run that has ended is cleared away", kinds("Job"),
          lambda each: spec(each, "ttlSecondsAfterFinished") is not None,
          {"spec": {"ttlSecondsAfterFinished": None}}, ("job-ttl-seconds-after-finished",)),
    Check("what it starts by the clock is counted, and not timed, away", kinds("CronJob"),
          lambda each: spec(each, "jobTemplate/spec/ttlSecondsAfterFinished") is None,
          {"spec": {"jobTemplate": {"spec": {"ttlSecondsAfterFinished": 60}}}}, ("job-ttl-seconds-after-finished",)),
    Check("its keys and texts are no secrets", kinds("ConfigMap"), holds_no_secret, {"data": {"password": "x"}},
          ("configmap-with-credentials",), ("sensitiveConfigmapContent",)),
    Check("it names whatever it grants", kinds("Role"), no_star, rule("*", "get"),
          ("wildcard-in-rules", "wildcard-resource-verb-combo"), ("rolebindingClusterAdminRole",)),
    Check("it makes no pods", kinds("Role"), grants(WORKLOADS, {"create"}), rule("pods", "create"),
          ("access-to-create-pods",)),
    Check("it reads no secrets", kinds("Role"), grants({"secrets"}, READS | WRITES), rule("secrets", "get"),
          ("access-to-secrets", "cluster-wide-secrets-access")),
    Check("it goes into no pods", kinds("Role"), grants(SESSIONS, READS | WRITES), rule("pods/exec", "create"), (),
          ("rolePodExecAttach",)),
    Check("it gives nobody more rights than he has", kinds("Role"),
          lambda each: not {"bind", "escalate", "impersonate", "deletecollection"}
          & {verb for one in each.part["rules"] for verb in one["verbs"]}, rule("roles", "bind"),
          ("bind-verb-in-role", "escalate-verb-in-role", "deletecollection-verb-in-role",
           "impersonate-without-resource-names")),
    Check("it gives a Role that is made with it", kinds("RoleBinding"), binds_what_is_there,
          {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}}, ("cluster-admin-role-binding",),
          ("rolebindingRolePodExecAttach", "rolebindingClusterRolePodExecAttach",
           "rolebindingClusterAdminClusterRole")),
    Check("it has a certificate wherever it speaks TLS", kinds("Gateway"), has_certificates,
          {"spec": {"listeners": [{"protocol": "HTTPS", "port": TLS_PORT, "tls": {}}]}}, (), ("gatewayTLSMissing",)),
    Check("it takes the routes of some namespaces only", kinds("Gateway"), routes_of_some,
          {"spec": {"listeners": [{"allowedRoutes": {"namespaces": {"from": "All"}}}]}}, (),
          ("gatewayAllowedRoutesAll",)),
    Check("its certificate is of its own namespace", kinds("Gateway"),
          lambda each: not list(found(each.part, "spec/listeners/*/tls/certificateRefs/*/namespace")),
          {"spec": {"listeners": [{"tls": {"certificateRefs": [{"name": "a", "namespace": "b"}]}}]}}, (),
          ("gatewayCrossNamespaceCertificateRef",)),
    Check("no client without a certificate passes where one is asked for", kinds("Gateway"),
          lambda each: spec(each, "tls/frontend/default/validation/mode") != "AllowInsecureFallback",
          {"spec": {"tls": {"frontend": {"default": {"validation": {"mode": "AllowInsecureFallback"}}}}}}, (),
          ("gatewayInsecureFrontendValidation",)),
    Check("what it sends to expects no TLS of it", kinds("HTTPRoute", "GRPCRoute"),
          lambda each: TLS_PORT not in list(found(each.part, "spec/rules/*/backendRefs/*/port")),
          {"spec": {"rules": [{"backendRefs": [{"name": "a", "port": TLS_PORT}]}]}}, (),
          ("httpRouteBackendTLSMissing",)),
    Check("it is for hosts that it names", kinds("HTTPRoute", "GRPCRoute"), names_its_hosts,
          {"spec": {"hostnames": ["*"]}}, (), ("httpRouteWildcardOrEmptyHost",)),
    Check("it sends to its own namespace", kinds("HTTPRoute", "GRPCRoute"), stays_in_its_namespace,
          {"spec": {"rules": [{"backendRefs": [{"name": "a", "namespace": "other"}]}]}}, (),
          ("httpRouteCrossNamespaceBackendRef",)),
    Check("it answers over HTTPS only", kinds("HTTPRoute", "GRPCRoute"), on_a_secure_listener,
          {"spec": {"parentRefs": [{"name": "a"}]}}, (), ("httpRouteInsecureListener",)),
)  # fmt: skip
"""What is asked of each object of some kinds."""
