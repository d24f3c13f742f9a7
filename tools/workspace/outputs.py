"""A stack's outputs as JSON, or one API key as a header: `python tools/workspace/outputs.py local key iris web`."""

import json
import sys

from up import outputs


def header(stack: str, service: str, client: str) -> str:
    """`x-api-key: …` of a client; the first one where none is named."""
    keys = outputs(stack)["api_keys"]
    if service not in keys:
        sys.exit(f"key: no service {service!r} in the stack {stack}; there are: {', '.join(keys)}")
    of_service = keys[service]
    chosen = client or next(iter(sorted(of_service, reverse=True)), "")
    if chosen not in of_service:
        sys.exit(f"key: no client {chosen!r} of {service}; there are: {', '.join(of_service)}")
    return f"x-api-key: {of_service[chosen]}"


if __name__ == "__main__":
    match sys.argv[1:]:
        case [stack]:
            print(json.dumps(outputs(stack), indent=2))
        case [stack, "key", service, client]:
            print(header(stack, service, client))
