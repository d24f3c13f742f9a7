"""Published checks that we do not follow, and single findings that we leave as they are; each with its reason."""

from collections.abc import Mapping

NOT_FOLLOWED: Mapping[str, str] = {
    **dict.fromkeys(
        ("kube-linter:minimum-three-replicas", "kube-linter:hpa-minimum-three-replicas",
         "polaris:deploymentMissingReplicas", "polaris:hpaMinAvailability"),
        "how many pods there are is the service's own word (scale), and its cost; production wants two, by the rule "
        "k8s-prod-replicas-and-pdb and the profile",
    ),
    "kube-linter:hpa-maximum-replicas": "the ceiling is the service's own word; the rule k8s-hpa-bounded has a limit",
    "polaris:cpuLimitsMissing": "a limit of cores slows a server down while its node is idle; the request is what is "
    "kept for it",
    "kube-linter:unset-ephemeral-storage-requirements": "every volume has a limit of its own; beyond that the request "
    "keeps the room, and a limit would evict a server for its logs",
    "polaris:pullPolicyNotAlways": "an image is a digest, so that what the node has is what was asked for",
    **dict.fromkeys(
        ("kube-linter:priority-class-name", "polaris:priorityClassNotSet"),
        "a priority class is the cluster's; server.priority_class names one where there is one. kube-linter takes "
        "those of the system only, which no model is",
    ),
    "kube-linter:no-anti-affinity": "it reads anti-affinity alone; pods are spread by topologySpreadConstraints, over "
    "zones too, which polaris:topologySpreadConstraint asks for",
    "kube-linter:restart-policy": "it wants the policy written down; left out it is Always, and of what serves "
    "Kubernetes takes no other. Tries of a Job are counted by the Job (restartPolicy: Never)",
    "polaris:missingNetworkPolicy": "it wants a rule for each direction, and a policy without one is the stricter: "
    "nobody may ask. That both directions are governed is checked (kube-linter:non-isolated-pod)",
    "kube-linter:dnsconfig-options": "how names are resolved is the cluster's; names that are asked for end in .svc or "
    "are whole",
    "kube-linter:no-node-affinity": "a pod without devices may be on any node; one with devices has a node selector",
    "kube-linter:required-annotation-email": "the label modelberth.dev/owner says who owns an object",
    "kube-linter:required-label-owner": "the label is modelberth.dev/owner, under a prefix of ours; the rule "
    "required-tags asks for it",
    "kube-linter:sorted-keys": "an object is sent as data; the order of keys means nothing to the API",
    "kube-linter:schema-validation": "a real API server checks every object, strictly (test_*_admitted.py)",
    "polaris:metadataAndInstanceMismatched": "app.kubernetes.io/instance is the service, and each version has objects "
    "of its own, with the version in their names",
    "polaris:pdbDisruptionsIsZero": "reads the status of a running cluster; that a budget lets a pod go is checked",
}  # fmt: skip
"""Id to the reason for which nothing of ours is held to it."""

OTHER_KINDS: Mapping[str, tuple[str, ...]] = {
    "kube-linter:dangling-ingress": ("Ingress",),
    "kube-linter:scc-deny-privileged-container": ("SecurityContextConstraints",),
    "kube-linter:aggregate-to-admin-escalation": ("ClusterRole",),
    "kube-linter:approve-signers-without-resource-names": ("ClusterRole",),
    "kube-linter:webhook-failure-policy-ignore": ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    "polaris:tlsSettingsMissing": ("Ingress",),
    "polaris:clusterrolePodExecAttach": ("ClusterRole",),
    "polaris:clusterrolebindingPodExecAttach": ("ClusterRoleBinding",),
    "polaris:clusterrolebindingClusterAdmin": ("ClusterRoleBinding",),
}
"""Id to the kinds that alone it reads, which nothing here makes."""

_SHIPPER = r"logs: DaemonSet .*"
_ROOT = "the kubelet's files are root's; it drops every capability, and its namespace states the reason"
_PRESET = "what stands in Seldon's ServerConfig is merged with ours by the container's name, and says it"
_KUBERAY = "KubeRay adds probes: ray-project/kuberay@v1.5.1:ray-operator/controllers/ray/common/pod.go"
_KSERVE = "KServe's preset has them: kserve/kserve@v0.16.0:config/llmisvcconfig"
_PROBES = ("kube-linter:no-readiness-probe", "kube-linter:no-liveness-probe", "kube-linter:no-startup-probe")
_RESOURCES = (
    "kube-linter:unset-cpu-requirements", "kube-linter:unset-memory-requirements", "polaris:memoryRequestsMissing",
)  # fmt: skip
_SPREAD, _BUDGET = "polaris:topologySpreadConstraint", "polaris:missingPodDisruptionBudget"
_UNHEALTHY = "kube-linter:pdb-unhealthy-pod-eviction-policy"
_OTHERS = ("kube-linter:dangling-networkpolicy", "kube-linter:dangling-networkpolicypeer-podselector")

LEFT: Mapping[tuple[str, str], str] = {
    ("kube-linter:run-as-non-root", _SHIPPER): _ROOT,
    ("polaris:hostPathSet", _SHIPPER): "logs are files of the node, and so is how far they were read",
    ("kube-linter:writable-host-mount", _SHIPPER): "how far it has read must outlive the pod: one folder of its own",
    (_SPREAD, _SHIPPER): "there is one on each node",
    (_BUDGET, _SHIPPER): "what empties a node leaves DaemonSets where they are",
    ("kube-linter:job-ttl-seconds-after-finished", r"logs: Job .*"): "the stack owns it, under a name that follows "
    "what it did: taken away by time, each refresh would make it run again",
    ("kube-linter:job-ttl-seconds-after-finished", r"batch.*: CronJob .*"): "timing.keep says in time how long a run "
    "is kept; the numbers of the history say it too, and what is first holds",
    **{(check, r"kserve, its own runtime: InferenceService .*"): "probes are the ServingRuntime's, which its keeper "
       "knows; without one KServe asks the port (deployment_reconciler.go)" for check in _PROBES},
    **{(check, r".*: LLMInferenceService .*"): _KSERVE for check in _PROBES},
    **{(check, r"ray.*: RayService .*"): _KUBERAY for check in _PROBES},
    **{(check, r"seldon 1, most: SeldonDeployment .* scale"): "Seldon gives units of one's own their port and probes"
       for check in _PROBES},
    **{(check, r"seldon 2.*: Server .*"): _PRESET for check in _PROBES},
    **{(check, r"seldon 2.*: Server .* (agent|rclone)"): _PRESET for check in _RESOURCES},
    ("kube-linter:no-read-only-root-fs", r"seldon 2.*: Server .*"): "Seldon's images write beside themselves, and it "
    "documents nowhere where",
    **{(check, r"seldon 2.*: Server .*"): "the agent asks the API where models are fetched from, as Seldon's account"
       for check in ("kube-linter:default-service-account", "polaris:automountServiceAccountToken")},
    ("polaris:automountServiceAccountToken", r"ray, most: RayService .* spec/rayClusterConfig/headGroupSpec/template"):
    "Ray's autoscaler asks the API for workers; only where workers are scaled",
    **{(_SPREAD, f".*: {kind} .*"): "pods that compute one model together ask one another at every step: near is better"
       for kind in ("LeaderWorkerSet", "RayService")},
    (_BUDGET, r"ray.*: RayService .*"): "a budget over pods of a controller without a scale takes a number of pods to "
    "keep, and Ray's autoscaler changes it: kubernetes.io/docs/tasks/run-application/configure-pdb",
    **{(check, r"registry.*: StatefulSet .*"): "a database is one pod: there is nothing to spread, and a budget would "
       "either say nothing or keep its node" for check in (_SPREAD, _BUDGET)},
    **{(check, r"shared parts: (Deployment|PodDisruptionBudget) iris.*"): "made by hand in the tests, of no product"
       for check in (_SPREAD, _UNHEALTHY)},
    (_SPREAD, r"stack kubernetes: InferenceService ranker.*"): "Knative takes it only behind a feature of its own "
    "(mode.features); where that is stated, it is there",
    **{(check, r"edge, (least|most): Deployment .*"): "a box is one node with room for one pod: it goes before the "
       "next one comes" for check in (_SPREAD, _BUDGET, "kube-linter:no-rolling-update-strategy")},
    ("kube-linter:access-to-create-pods", r"edge, updater: Role .*"): "to make what a signed bundle holds is its task",
    ("polaris:sensitiveContainerEnvVar", r"registry.*"): "what the variable has is the path of a mounted file",
    (_OTHERS[0], r"kserve, graph: .*"): "the pods of a graph are KServe's own, and stand in no object of ours",
    (_OTHERS[0], r"registry.*: NetworkPolicy .*clients"): "it is for the pods of all other services",
    (_OTHERS[1], r"registry.*: NetworkPolicy registry"): "who asks it are pods of other services",
    **{(check, r"seldon 2.*: NetworkPolicy .*mesh"): "it is for Seldon's own Envoy, and pods of the namespace"
       for check in _OTHERS},
}  # fmt: skip
"""Check, and what it finds (set: kind, name, path, container), to the reason for which that stays."""

OPEN: Mapping[tuple[str, str], str] = {
    (_SPREAD, r".*: LLMInferenceService .*"): "spread pods by KServe's labels where a replica is one pod",
    (_BUDGET, r".*: LLMInferenceService .*"): "make a budget for the labels that KServe gives its pods",
    (_BUDGET, r"seldon 2.*: Server .*"): "make a budget for each Server's StatefulSet",
}
"""The same for what is to be mended: each line goes with the change that mends it."""
