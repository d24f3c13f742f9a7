"""What objects in a Kubernetes cluster cost: type of resource → meter. One dict, nothing registers itself."""

from collections.abc import Mapping

from modelberth_policies.bill.item import Meter
from modelberth_policies.bill.kubernetes import ray, serving, workloads
from modelberth_policies.bill.kubernetes.free import DECLARED, FREE

__all__ = ["DECLARED", "FREE", "METERS"]

PODS = "Kubernetes"

METERS: Mapping[str, Meter] = {
    "kubernetes:apps/v1:DaemonSet": Meter(PODS, workloads.daemon_set),
    "kubernetes:apps/v1:Deployment": Meter(PODS, workloads.replicated),
    "kubernetes:apps/v1:ReplicaSet": Meter(PODS, workloads.replicated),
    "kubernetes:apps/v1:StatefulSet": Meter(PODS, workloads.replicated),
    "kubernetes:argoproj.io/v1alpha1:Rollout": Meter(PODS, workloads.rollout),
    "kubernetes:batch/v1:CronJob": Meter(PODS, workloads.cron_job),
    "kubernetes:batch/v1:Job": Meter(PODS, workloads.job),
    "kubernetes:core/v1:Pod": Meter(PODS, workloads.pod),
    "kubernetes:core/v1:ReplicationController": Meter(PODS, workloads.replicated),
    "kubernetes:core/v1:Service": Meter(PODS, workloads.service),
    "kubernetes:keda.sh/v1alpha1:ScaledJob": Meter(PODS, workloads.scaled_job),
    "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet": Meter(PODS, workloads.replica_group),
    "kubernetes:machinelearning.seldon.io/v1:SeldonDeployment": Meter("Seldon", serving.seldon_deployment),
    "kubernetes:mlops.seldon.io/v1alpha1:Server": Meter("Seldon", serving.seldon_server),
    "kubernetes:ray.io/v1:RayCluster": Meter("Ray", ray.cluster),
    "kubernetes:ray.io/v1:RayJob": Meter("Ray", ray.job),
    "kubernetes:ray.io/v1:RayService": Meter("Ray", ray.service),
    "kubernetes:serving.kserve.io/v1alpha1:LLMInferenceService": Meter("KServe", serving.llm_service),
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": Meter("KServe", serving.inference_service),
}
"""Type → how it is billed."""
