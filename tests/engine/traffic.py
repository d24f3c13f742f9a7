"""A client as the service's users have it: TLS, one key, connections that stay open."""

import http.client
import json
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

BODY = json.dumps({"features": [[5.1, 3.5, 1.4, 0.2]]})


class Client:
    """One caller of one endpoint."""

    def __init__(self, endpoint: Mapping[str, Any], key: str | None) -> None:
        self.port = int(endpoint["url"].rpartition(":")[2])
        self.trust = ssl.create_default_context(cafile=endpoint["ca_certificate_file"])
        self.headers = {"content-type": "application/json", **({"x-api-key": key} if key else {})}

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, context=self.trust, timeout=30)

    def predict(self, body: str = BODY, connection: http.client.HTTPSConnection | None = None) -> tuple[int, Any]:
        """Status and answer."""
        connection = connection or self.connect()
        connection.request("POST", "/predict", body, self.headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "null")

    def split(self, requests: int) -> Counter[str]:
        """Version to the number of requests that it answered."""
        connection = self.connect()
        return Counter(self.predict(connection=connection)[1]["model_version"] for _ in range(requests))


class Load:
    """A steady load from a few callers, until `requests` are answered and `stop` was called."""

    def __init__(self, client: Client, threads: int = 3, at_most: int = 200_000) -> None:
        self.client, self.at_most = client, at_most
        self.answered: Counter[int] = Counter()
        self.errors: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def until(self, requests: int, seconds: float = 120) -> None:
        """Wait until so many are answered."""
        waited = 0.0
        while sum(self.answered.values()) < requests and waited < seconds:
            self._stop.wait(0.05)
            waited += 0.05
        assert sum(self.answered.values()) >= requests, f"only {self.answered} in {seconds} s"

    def _run(self) -> None:
        connection = self.client.connect()
        while not self._stop.is_set() and sum(self.answered.values()) < self.at_most:
            try:
                status, _ = self.client.predict(connection=connection)
                self.answered[status] += 1
                if connection.sock is None:  # the gateway said `connection: close`
                    connection = self.client.connect()
            except (OSError, http.client.HTTPException) as error:
                self.errors.append(repr(error))
                connection = self.client.connect()
