"""Tells a log backend how long to keep logs. Runs in a Job, with nothing but Python's own library.

python put_documents.py ADDRESS DOCUMENTS CREDENTIALS: an address, a JSON file with paths and bodies, and a folder with
the files `user` and `password` (and `ca.crt`), which may be empty of them. Ends with 1 where the backend refuses.
"""

import base64
import json
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

SECONDS = 30
CONFLICT = 409


def main(address: str, documents: Path, credentials: Path) -> int:
    """Puts each document; the exit code."""
    headers, trust = headers_of(credentials), trust_of(credentials)
    for document in json.loads(documents.read_text()):
        try:
            put(address, document["path"], document["body"], headers, trust)
        except (OSError, ValueError) as error:
            print(f"{document['path']}: {error}", file=sys.stderr)
            return 1
        print(f"{document['path']}: told")
    return 0


def headers_of(credentials: Path) -> dict[str, str]:
    """Content type, and the credentials where there are any."""
    headers = {"Content-Type": "application/json"}
    user, password = credentials / "user", credentials / "password"
    if user.exists() and password.exists():
        pair = f"{user.read_text()}:{password.read_text()}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return headers


def trust_of(credentials: Path) -> ssl.SSLContext:
    """Whom to trust: everybody's authorities, and the one in `ca.crt`."""
    authority = credentials / "ca.crt"
    return ssl.create_default_context(cafile=str(authority) if authority.exists() else None)


def put(address: str, path: str, body: Any, headers: dict[str, str], trust: ssl.SSLContext) -> None:
    """One document. OpenSearch takes a policy that is there already only with the number of what it replaces.

    Source: https://docs.opensearch.org/latest/im-plugin/ism/api/#update-policy
    """
    try:
        ask(address + path, "PUT", body, headers, trust)
    except urllib.error.HTTPError as refusal:
        if refusal.code != CONFLICT:
            detail = refusal.read().decode(errors="replace")[:500]
            raise ValueError(f"HTTP {refusal.code}: {detail}") from None
        there = ask(address + path, "GET", None, headers, trust)
        number = f"?if_seq_no={there['_seq_no']}&if_primary_term={there['_primary_term']}"
        ask(address + path + number, "PUT", body, headers, trust)


def ask(url: str, method: str, body: Any, headers: dict[str, str], trust: ssl.SSLContext) -> Any:
    """The answer to one request, as JSON."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310 - the stack names the address
    with urllib.request.urlopen(request, timeout=SECONDS, context=trust) as answer:  # noqa: S310
        return json.loads(answer.read() or b"{}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
