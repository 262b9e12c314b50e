"""A client of the registry that knows nothing but the .proto files: registers a household and reads it back.

Prints one JSON object. Nothing of the node's own code is used; the messages are generated from --proto on the spot.
"""

import argparse
import importlib
import json
import pathlib
import sys
import tempfile
import uuid

import grpc
from grpc_tools import protoc


def generate(proto: pathlib.Path, out: str) -> None:
    files = sorted(str(path.relative_to(proto)) for path in proto.rglob("*.proto"))
    arguments = ["protoc", f"-I{proto}", f"--python_out={out}", f"--grpc_python_out={out}", *files]
    if protoc.main(arguments) != 0:
        sys.exit("the .proto files do not compile")
    sys.path.insert(0, out)


def connect(address: str, certificates: pathlib.Path, login: str) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(
        root_certificates=(certificates / "own-roots.pem").read_bytes(),
        private_key=(certificates / f"{login}.key").read_bytes(),
        certificate_chain=(certificates / f"{login}.pem").read_bytes(),
    )
    return grpc.secure_channel(address.removeprefix("https://"), credentials)


def health(channel: grpc.Channel) -> str:
    # grpc.health.v1: HealthCheckResponse.status is field 1, SERVING is 1; an empty request asks for the whole server.
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    return {b"\x08\x01": "SERVING"}.get(check(b"", timeout=30), "unknown")


def services(channel: grpc.Channel) -> list[str]:
    # grpc.reflection.v1: ServerReflectionRequest.list_services is field 7. The names stand in the answer as they are.
    reflect = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    answer = next(iter(reflect(iter([b"\x3a\x00"]), timeout=30)))
    wanted = ["lika.v1.Registry", "lika.v1.Reports", "lika.v1.Federation", "lika.v1.Nowhere"]
    return [name for name in wanted if name.encode() in answer]


def reason(error: grpc.RpcError) -> str:
    # google.rpc.Status in the trailers carries google.rpc.ErrorInfo, whose `reason` is our stable code.
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    return next(code for code in ("request-reused", "stale-revision") if code.encode() in details)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("proto", "certificates"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    for name in ("address", "login", "village", "document"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        generate(arguments.proto, out)
        records = importlib.import_module("lika.log.v1.records_pb2")
        log = importlib.import_module("lika.log.v1.log_pb2")
        registry = importlib.import_module("lika.v1.registry_pb2")
        registry_grpc = importlib.import_module("lika.v1.registry_pb2_grpc")
        reports = importlib.import_module("lika.v1.reports_pb2")
        reports_grpc = importlib.import_module("lika.v1.reports_pb2_grpc")
    with connect(arguments.address, arguments.certificates, arguments.login) as channel:
        stub = registry_grpc.RegistryStub(channel)
        household_id, member_id, request = (uuid.uuid4().bytes for _ in range(3))

        def command(name: str) -> "registry.ApplyRequest":
            household = records.Household(
                open=records.Household.Open(type="development", identified_on=20200101, safe_water=True),
                identity=records.Household.Identity(number="360323999000000001", hamlet="三组"),
            )
            member = records.Member(
                open=records.Member.Open(
                    household=household_id, relation="02", sex="2", birth_year=1961, **{"from": 20200101}
                ),
                identity=records.Member.Identity(
                    name=name, document=records.Document(type="id-card", text=arguments.document)
                ),
            )
            bodies = [
                registry.Record(id=household_id, area=arguments.village, household=household),
                registry.Record(id=member_id, area=arguments.village, member=member),
            ]
            changes = [registry.Change(action=log.ACTION_CREATE, record=record) for record in bodies]
            return registry.ApplyRequest(request=request, changes=changes)

        stub.Apply(command("郭秋菊"), timeout=30)
        refused = None
        try:
            stub.Apply(command("郭秋香"), timeout=30)
        except grpc.RpcError as error:
            refused = reason(error)
        household = stub.Get(registry.GetRequest(id=household_id), timeout=30)
        found = stub.Find(registry.FindRequest(document=arguments.document), timeout=30).records
        totals = reports_grpc.ReportsStub(channel).RollUp(
            reports.RollUpRequest(area=arguments.village), timeout=30
        )
        figures = {total.dimension: total.value for total in totals.area.totals if total.period == 0}
        print(
            json.dumps(
                {
                    "health": health(channel),
                    "services": services(channel),
                    "household": {
                        "id": str(uuid.UUID(bytes=household.id)),
                        "area": household.area,
                        "revision": household.revision,
                        "type": household.household.open.type,
                    },
                    "head": {
                        "name": found[0].member.identity.name,
                        "document": found[0].member.identity.document.text,
                    },
                    "totals": {key: figures.get(key) for key in ("households", "people")},
                    "refused": refused,
                },
                ensure_ascii=False,
            )
        )


if __name__ == "__main__":
    main()
