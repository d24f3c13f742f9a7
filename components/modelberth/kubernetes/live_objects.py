"""What a cluster has of one service now, asked of its API by the live targets of every product."""

from typing import Any

from modelberth.core.errors import ModelberthError
from modelberth.kubernetes.manifest import API_VERSIONS, INSTANCE
from modelberth.kubernetes.provider import Cluster, client

SECONDS = 10
"""How long the API server may take to answer."""
NOT_FOUND = 404
ANSWER = {"2XX": "object"}
"""Which answers are read, and as what; the others are raised."""


class LiveObjects:
    """The objects of one service in a namespace, seen as the stack's own provider would see them."""

    def __init__(self, cluster: Cluster, namespace: str, service: str) -> None:
        self._client = client(cluster)
        self.namespace = namespace
        """Where they are."""
        self.service = service
        """The service: the label by which they are found."""

    def of(self, kind: str, more: str = "", api_version: str = "") -> list[dict[str, Any]]:
        """All objects of a kind, in the API's own words; `more` is a further label selector.

        Empty where the kind is of an add-on that is not installed. Raises `ModelberthError` where the cluster does not
        answer, or does not let its user ask.
        """
        from kubernetes.client.exceptions import ApiException  # where nothing is asked, nothing of it is loaded
        from urllib3.exceptions import HTTPError

        kinds = path_of(kind, self.namespace, api_version or API_VERSIONS[kind])
        try:
            found = self._asked(kinds, ",".join(filter(None, (f"{INSTANCE}={self.service}", more))))
        except ApiException as error:
            if error.status == NOT_FOUND:
                return []
            why = f"{kind} in {self.namespace}: {error.reason}"
            raise ModelberthError(f"cluster: {why}; look at what the kubeconfig's user may") from None
        except HTTPError as error:
            why = type(error).__name__
            raise ModelberthError(f"cluster: no answer ({why}); look whether it is reachable") from None
        return found["items"]

    def _asked(self, path: str, selector: str) -> Any:
        """What the API answers, as it is: a typed client would rename the fields, and knows no add-ons."""
        request = self._client.param_serialize(
            "GET",
            path,
            query_params=[("labelSelector", selector)],
            header_params={"Accept": "application/json"},
            auth_settings=["BearerToken"],
        )
        answer = self._client.call_api(*request, _request_timeout=SECONDS)
        answer.read()
        return self._client.response_deserialize(answer, ANSWER).data


def path_of(kind: str, namespace: str, api_version: str) -> str:
    """The path of all objects of a kind in a namespace. Pure. Kinds whose plural is irregular are not asked for."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    return f"{root}/namespaces/{namespace}/{kind.lower()}s"
