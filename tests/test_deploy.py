"""What lies in `deploy/` is parsed, and held against the code: commands, options, variables, ports, paths, names."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mock_server import logs
from mock_server.app import create_app
from mock_server.cli import main, serve
from mock_server.orgs import NewOrg
from mock_server.vendors.registry import DIALECTS
from mock_server.web.control.door import control_door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.orgs import Orgs

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "shared-server.md"
FILES = sorted(file for file in DEPLOY.rglob("*") if file.is_file())
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
PORT = next(option.default for option in serve.params if option.name == "port")


def _yaml(file: Path) -> list[Any]:
    return [document for document in yaml.safe_load_all(file.read_text(encoding="utf-8")) if document]


def _manifests(kind: str) -> list[Any]:
    return [document for file in MANIFESTS for document in _yaml(file) if document["kind"] == kind]


def _unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "systemd" / "flowella-mock.service", encoding="utf-8")
    return parser


def _compose() -> Any:
    return _yaml(DEPLOY / "compose.yaml")[0]


def _instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)


def _container(deployment: Any) -> Any:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return container


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line, by where it is."""
    yield "systemd", shlex.split(_unit()["Service"]["ExecStart"])[1:]
    yield "Containerfile", yaml.safe_load(_instructions("CMD")[0])
    yield "compose", _compose()["services"]["worker"]["command"]
    for deployment in _manifests("Deployment"):
        yield deployment["metadata"]["name"], _container(deployment)["args"]


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.suffix in {".yaml", ".yml"}], ids=lambda file: file.name
)
def test_yaml_is_yaml(file: Path) -> None:
    """Each document is an object; a key that is written twice is a mistake."""

    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
            assert len(keys) == len(set(keys)), (file, keys)
            return super().construct_mapping(node, deep)

    documents = list(yaml.load_all(file.read_text(encoding="utf-8"), Strict))
    assert documents
    assert all(isinstance(document, dict) for document in documents)


@pytest.mark.parametrize(("place", "line"), [pytest.param(*one, id=one[0]) for one in _commands()])
def test_commands_are_ours(place: str, line: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Click takes each line, values included."""
    name, *arguments = line
    monkeypatch.setenv("FLOWELLA_MOCK_STORE", "postgresql://localhost/flowella")  # as each of them does
    options = {option for one in main.commands[name].params for option in one.opts}
    given = {argument for argument in arguments if argument.startswith("--")}
    assert given <= options
    with main.commands[name].make_context(name, list(arguments)) as context:
        assert (place, context.params.get("port", PORT)) == (place, PORT)


def test_what_listens_for_all_has_its_token_from_a_secret() -> None:
    """No token in a command line; the variable comes with each of them."""
    for place, line in _commands():
        assert "--control-token" not in line, place
    (api,) = (one for one in _manifests("Deployment") if _container(one)["args"][0] == "serve")
    (secret,) = _manifests("Secret")

    assert "EnvironmentFile" in _unit()["Service"]
    assert _container(api)["envFrom"] == [{"secretRef": {"name": secret["metadata"]["name"]}}]
    assert secret["stringData"]["FLOWELLA_MOCK_CONTROL_TOKEN"] == ""
    assert _compose()["services"]["api"]["environment"]["FLOWELLA_MOCK_CONTROL_TOKEN"].startswith(
        "${FLOWELLA_MOCK_CONTROL_TOKEN:?"
    )


def test_variables_options_and_extras_exist() -> None:
    """In the files and on the page."""
    params = [option for command in main.commands.values() for option in command.params]
    variables = {str(option.envvar) for option in params if option.envvar}
    options = {name for option in params for name in option.opts}
    extras = set(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    )
    for file in (*FILES, PAGE):
        text = file.read_text(encoding="utf-8")
        assert set(re.findall(r"FLOWELLA_MOCK_\w+", text)) <= variables, file
        assert {extra for some in re.findall(r"[\w.]\[([a-z,]+)\]['\"]", text) for extra in some.split(",")} <= extras
        assert {one for line in re.findall(r"(?:serve|worker) (--[a-z-]+)", text) for one in line.split()} <= options, (
            file
        )
    assert set(re.findall(r"FLOWELLA_MOCK_LOG_FORMAT=(\w+)", PAGE.read_text(encoding="utf-8"))) <= set(logs.FORMATS)


def test_ports_are_the_one_that_serve_takes() -> None:
    """Whoever names a port of the fake's names that."""
    services = _compose()["services"]
    assert _instructions("EXPOSE") == [str(PORT)]
    assert f"server api:{PORT};" in (DEPLOY / "proxy.conf").read_text(encoding="utf-8")
    assert "listen 8080;" in (DEPLOY / "proxy.conf").read_text(encoding="utf-8")
    assert services["proxy"]["ports"] == [f"{PORT}:8080"]
    assert {one["port"] for one in _yaml(DEPLOY / "prometheus.yml")[0]["scrape_configs"][0]["dns_sd_configs"]} == {PORT}
    assert set(re.findall(r":(8\d{3})/_mock", "".join(file.read_text(encoding="utf-8") for file in FILES))) == {
        str(PORT)
    }
    for deployment in _manifests("Deployment"):
        assert _container(deployment).get("ports", []) in ([], [{"name": "http", "containerPort": PORT}])
    assert {port["targetPort"] for one in _manifests("Service") for port in one["spec"]["ports"]} == {"http"}


def test_paths_are_served_and_probes_need_no_token() -> None:
    """Each path below /_mock is an operation, and what a probe asks takes no token."""
    document = control_door({one.document: one.door for one in DIALECTS}, None).spec.document
    named = {path for file in FILES for path in re.findall(r"/_mock/\w+", file.read_text(encoding="utf-8"))}
    (api,) = (_container(one) for one in _manifests("Deployment") if _container(one)["args"][0] == "serve")
    probed = {name: api[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}

    assert named <= document["paths"].keys()
    assert {document["paths"][path]["get"]["operationId"] for path in named} == {"getHealth", "getReady", "getMetrics"}
    assert [document["paths"][path]["get"]["security"] for path in probed.values()] == [[], [], []]
    assert probed["readinessProbe"] == "/_mock/ready"


def test_the_image_is_built_from_what_there_is() -> None:
    """All that the wheel takes is copied, and nothing that is not there; it does not run as root."""
    copied = {name for line in _instructions("COPY") if not line.startswith("--") for name in line.split()[:-1]}
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    hatch = build["tool"]["hatch"]
    wheel = hatch["build"]["targets"]["wheel"]
    needed = {
        *wheel["packages"],
        *wheel["force-include"],
        *("README.md", hatch["metadata"]["hooks"]["custom"]["path"]),
        *build["project"]["license-files"],
        wheel["hooks"]["custom"].get("path", "hatch_build.py"),
    }

    assert {name for name in copied if not (ROOT / name).exists()} == set()
    assert needed | {"pyproject.toml"} == copied
    assert _instructions("USER") == ["10001:10001"]
    assert _instructions("ENTRYPOINT") == ['["flowella-mock"]']


def test_nobody_may_do_more_than_answer() -> None:
    """No root, no capability, nothing to write to but /tmp."""
    for deployment in _manifests("Deployment"):
        pod, one = deployment["spec"]["template"]["spec"], _container(deployment)
        rights = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
        assert one["securityContext"] == rights
        assert [mount["mountPath"] for mount in one["volumeMounts"]] == ["/tmp"]
        assert pod["automountServiceAccountToken"] is False
    for name in ("api", "worker", "proxy"):
        service = _compose()["services"][name]
        assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    unit = _unit()["Service"]
    assert (unit["DynamicUser"], unit["ProtectSystem"], unit["NoNewPrivileges"]) == ("yes", "strict", "yes")
    assert unit["CapabilityBoundingSet"] == ""


def test_names_find_what_they_mean() -> None:
    """Selectors, secrets, volumes and files that one file says of another."""
    pods = [one["spec"]["template"]["metadata"]["labels"] for one in _manifests("Deployment")]
    chosen = [
        one["spec"]["selector"]["matchLabels"]
        for kind in ("Deployment", "PodDisruptionBudget")
        for one in _manifests(kind)
    ]
    chosen += [one["spec"]["selector"] for one in _manifests("Service")]
    (secret,) = _manifests("Secret")
    taken = [one["valueFrom"]["secretKeyRef"] for d in _manifests("Deployment") for one in _container(d).get("env", [])]

    assert [one for one in chosen if one not in pods] == []
    assert len(pods) == len(_manifests("PodDisruptionBudget")) == 2
    assert {(one["name"], one["key"] in secret["stringData"]) for one in taken} == {(secret["metadata"]["name"], True)}
    assert (DEPLOY / _compose()["services"]["proxy"]["volumes"][0].partition(":")[0]).is_file()
    assert (DEPLOY / _compose()["services"]["api"]["build"]["context"]).resolve() == ROOT
    assert [(DEPLOY / name).is_file() for name in _yaml(DEPLOY / "prometheus.yml")[0]["rule_files"]] == [True]
    assert [_compose()["services"][name]["deploy"]["replicas"] for name in ("api", "worker")] == [2, 2]


def test_metrics_of_alerts_and_page_are_there(orgs: Orgs) -> None:
    """An alert about a number that nobody counts never rings; a number that no page explains helps nobody."""
    orgs.create(NewOrg(scale=0))
    families = re.findall(
        r"^# TYPE (flowella_mock_\w+)", create_app(orgs).test_client().get("/_mock/metrics").text, re.MULTILINE
    )
    rules = _yaml(DEPLOY / "alerts.yml")[0]["groups"][0]["rules"]
    watched = {name for rule in rules for name in re.findall(r"flowella_mock_\w+", rule["expr"])}
    explained = set(re.findall(r"`(flowella_mock_\w+)", PAGE.read_text(encoding="utf-8")))

    assert {name.removesuffix("_count").removesuffix("_bucket") for name in watched} <= set(families)
    assert explained == set(families)
    assert "flowella-mock" in _yaml(DEPLOY / "prometheus.yml")[0]["scrape_configs"][0]["job_name"]


def test_every_file_is_on_the_page() -> None:
    """Each is linked from where it is explained."""
    page = PAGE.read_text(encoding="utf-8")

    assert [file.name for file in FILES if f"(../{file.relative_to(ROOT).as_posix()})" not in page] == []
