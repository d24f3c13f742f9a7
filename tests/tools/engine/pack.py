"""A policy pack of one rule, on the engine's own protocol: nothing may be named `forbidden`."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2


class Pack(analyzer_pb2_grpc.AnalyzerServicer):
    stack = ""

    def Handshake(self, request, context):  # noqa: N802
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(self, request, context):  # noqa: N802
        configured = " ".join(f"{key}={value}" for key, value in request.config.items())
        self.stack = f"{request.project}/{request.stack} with {configured}"
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetAnalyzerInfo(self, request, context):  # noqa: N802
        rule = analyzer_pb2.PolicyInfo(name="name", enforcementLevel=analyzer_pb2.MANDATORY)
        return analyzer_pb2.AnalyzerInfo(name="tiny", version="0.0.1", policies=[rule])

    def GetPluginInfo(self, request, context):  # noqa: N802
        return plugin_pb2.PluginInfo(version="0.0.1")

    def Configure(self, request, context):  # noqa: N802
        return Empty()

    def Cancel(self, request, context):  # noqa: N802
        return Empty()

    def Remediate(self, request, context):  # noqa: N802
        return analyzer_pb2.RemediateResponse()

    def AnalyzeStack(self, request, context):  # noqa: N802
        return analyzer_pb2.AnalyzeResponse()

    def Analyze(self, request, context):  # noqa: N802
        if request.name != "forbidden":
            return analyzer_pb2.AnalyzeResponse()
        finding = analyzer_pb2.AnalyzeDiagnostic(
            policyName="name",
            policyPackName="tiny",
            policyPackVersion="0.0.1",
            enforcementLevel=analyzer_pb2.MANDATORY,
            message=f"forbidden in {self.stack}, judged in {os.getcwd()}",  # noqa: PTH109
            urn=request.urn,
        )
        return analyzer_pb2.AnalyzeResponse(diagnostics=[finding])


if __name__ == "__main__":
    server = grpc.server(ThreadPoolExecutor(4))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Pack(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Event().wait()
