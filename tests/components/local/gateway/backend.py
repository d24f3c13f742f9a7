"""A tiny, fast model server: it answers with what it got. `python backend.py <port>`."""

import asyncio
import json
import sys

import uvicorn


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    if "x-sleep" in headers:
        await asyncio.sleep(float(headers["x-sleep"]))
    port = scope["server"][1]
    answer = json.dumps({"path": scope["path"], "headers": headers, "bytes": size, "port": port}).encode()
    length = str(len(answer)).encode()
    await send(
        {
            "type": "http.response.start",
            "status": int(headers.get("x-status", "200")),
            "headers": [(b"content-type", b"application/json"), (b"content-length", length)],
        }
    )
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False, lifespan="off")
