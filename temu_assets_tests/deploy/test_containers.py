"""The container image, the compose file and the Kubernetes manifests, as far as they can be judged without Docker and without a cluster."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from temu_assets_tests.deploy.files import DEPLOY, PROJECT

DOCKER, KUBERNETES = DEPLOY / "docker", DEPLOY / "kubernetes"
OURS = {"migrate", "code", "daemon", "webserver", "readonly", "uploads", "alerts"}
WITH_SECRETS = {"migrate", "code", "uploads", "alerts"}


def instructions(name: str = "docker/Dockerfile") -> list[tuple[str, str]]:
    """Each instruction of a Dockerfile with its words, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / name).read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    return content


def test_the_image_runs_as_nobody_special_and_is_watched() -> None:
    found = instructions()
    assert [words for name, words in found if name == "USER"] == ["10001:10001"]
    assert [name for name, _ in found][-1] == "HEALTHCHECK"
    bases = [words.split()[0] for name, words in found if name == "FROM"]
    assert all(re.fullmatch(r"python:\d\.\d+-slim-\w+", base) for base in bases)


def test_everything_copied_exists_and_is_let_through() -> None:
    """And nothing else is: the list of what may go into the image begins with everything being left out."""
    rules = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert next(rule for rule in rules if rule and not rule.startswith("#")) == "*"
    assert all((PROJECT / name).exists() for name in allowed)
    for name, words in instructions():
        if name == "COPY" and "--from" not in words:
            *sources, _ = [word for word in words.split() if not word.startswith("--")]
            assert set(sources) <= allowed
    assert not any("secret" in name or ".env" in name for name in allowed)


def test_nothing_secret_is_a_part_of_the_image() -> None:
    for name, words in instructions():
        if name in ("ENV", "ARG", "RUN"):
            assert not re.search(r"(?i)(password|secret|token)", words)


def test_packages_come_from_the_locks_by_their_hashes() -> None:
    assert "--require-hashes" in (DEPLOY / "make_release.py").read_text(encoding="utf-8")
    runs = [words for name, words in instructions() if name == "RUN"]
    assert any("make_release.py" in words for words in runs)
    assert not any("pip install" in words for words in runs)
    lock = (KUBERNETES / "requirements.lock").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z0-9.-]+)==\S+ \\\n    --hash=sha256:", lock, re.MULTILINE)
    assert "dagster-k8s" in names
    assert len(names) == len(re.findall(r"^[^#\n]*==", lock, re.MULTILINE))
    main = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert not [name for name in names if re.search(rf"^{re.escape(name)}==", main, re.MULTILINE)]


def test_dagsters_parts_are_of_one_release() -> None:
    """1.13.27 belongs to 0.29.27, here as everywhere in the project."""
    main = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    lock = (KUBERNETES / "requirements.lock").read_text(encoding="utf-8")
    core = re.search(r"^dagster==1\.(\d+)\.(\d+)", main, re.MULTILINE)
    assert core is not None
    assert f"dagster-k8s==0.{int(core[1]) + 16}.{core[2]}" in lock
    assert f"version 1.{core[1]}.{core[2]}" in (KUBERNETES / "values.yaml").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed")
def test_hadolint_has_nothing_to_say_against_it() -> None:
    result = subprocess.run(["hadolint", str(DOCKER / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def has_compose() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="docker compose is not installed")
def test_compose_takes_the_file(tmp_path: Path) -> None:
    shutil.copytree(DOCKER, tmp_path / "deploy/docker")
    (tmp_path / "deploy/docker/shop.env").touch()
    command = ["docker", "compose", "-f", str(tmp_path / "deploy/docker/compose.yaml"), "config", "--quiet"]
    result = subprocess.run(command, env={**os.environ, "TEMU_HOST": "temu.example.com"}, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_everything_a_service_names_is_there() -> None:
    content = compose()
    for name, service in content["services"].items():
        assert set(service["networks"]) <= set(content["networks"]), name
        assert set(service.get("secrets", [])) <= set(content["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(content["services"]), name
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in content["volumes"] or (DOCKER / source).exists(), volume
    for waiting, condition in content["services"]["code"]["depends_on"].items():
        assert (waiting, condition["condition"]) == ("migrate", "service_completed_successfully")


@pytest.mark.parametrize("name", compose()["services"])
def test_each_service_is_limited_and_comes_back(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["logging"]["options"]["max-size"]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert "healthcheck" in service or name == "code"  # the image's own
    if name in OURS:
        assert service["user"] == "10001:10001"
        assert service["init"] is True


def test_only_the_proxy_is_open_and_it_reaches_no_more_than_it_shows() -> None:
    content = compose()
    services = content["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    reached = {name for name, service in services.items() if set(service["networks"]) & {"front"}} - {"proxy"}
    assert reached == {"webserver", "readonly", "uploads"}
    assert "inner" not in services["proxy"]["networks"]
    assert content["networks"]["inner"] == content["networks"]["front"] == {"internal": True}
    assert set(services["postgres"]["networks"]) == {"inner"}


def test_secrets_are_files_and_given_to_those_who_need_them() -> None:
    content = compose()
    shops = {"temu_app_key", "temu_app_secret", "temu_access_token", "sql_password"}
    for name, service in content["services"].items():
        assert bool(shops & set(service.get("secrets", []))) == (name in WITH_SECRETS), name
        for value in service.get("environment", {}).values():
            assert not re.search(r"(?i)(:\w+@|token|secret)", value.replace("/run/secrets/", "")), name
    assert all(set(secret) == {"file"} for secret in content["secrets"].values())
    assert "secrets/" in (DOCKER / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_stopping_waits_longer_than_any_run_may_take() -> None:
    longest = yaml.safe_load((DEPLOY / "dagster-postgres.yaml").read_text(encoding="utf-8"))["run_monitoring"]["max_runtime_seconds"]
    assert int(compose()["services"]["code"]["stop_grace_period"].removesuffix("m")) * 60 > longest


def entry(tmp_path: Path, password: str | None) -> subprocess.CompletedProcess[str]:
    script = (DOCKER / "entrypoint.sh").read_text(encoding="utf-8").replace("/run/secrets", str(tmp_path))
    if password is not None:
        (tmp_path / "dagster_pg_password").write_text(password + "\n", encoding="utf-8")
    command = ["sh", "-c", script, "entrypoint", "sh", "-c", 'echo "${DAGSTER_PG_URL:-none}"']
    return subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name == "nt", reason="a script for the container")
def test_the_entry_point_makes_the_url_of_the_password(tmp_path: Path) -> None:
    assert entry(tmp_path, None).stdout == "none\n"
    assert entry(tmp_path, "aB3._~-").stdout == "postgresql+psycopg2://dagster:aB3._~-@postgres:5432/dagster\n"
    for bad in ("with space", "p@ss", "a/b", "", "ö"):
        refused = entry(tmp_path, bad)
        assert refused.returncode == 1
        assert "dagster_pg_password" in refused.stderr


def manifests() -> list[dict[str, Any]]:
    names = ("storage.yaml", "migrate-job.yaml", "alerts-cronjob.yaml", "networkpolicy.yaml")
    return [each for name in names for each in yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8"))]


def pods() -> list[dict[str, Any]]:
    found = []
    for each in manifests():
        spec = each["spec"].get("jobTemplate", {}).get("spec", each["spec"])
        if each["kind"] in ("Job", "CronJob"):
            found.append(spec["template"]["spec"])
    return found


def test_the_manifests_are_what_kubernetes_takes() -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed", exc_type=ImportError)
    for each in manifests():
        validator.validate(each, "1.31", strict=True)


def test_pods_have_no_rights_and_a_limit() -> None:
    values = yaml.safe_load((KUBERNETES / "values.yaml").read_text(encoding="utf-8"))
    (code,) = values["dagster-user-deployments"]["deployments"]
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]
    for pod in [
        *(spec["securityContext"] for spec in pods()),
        code["podSecurityContext"],
        launcher["runK8sConfig"]["podSpecConfig"]["securityContext"],
    ]:
        assert pod["runAsNonRoot"] is True
        assert pod["runAsUser"] == 10001
    containers = [container for spec in pods() for container in spec["containers"]]
    for container in [*containers, code, launcher, values["dagsterDaemon"], values["dagsterWebserver"]]:
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_helm_says_the_same_as_the_configuration_for_postgresql() -> None:
    values = yaml.safe_load((KUBERNETES / "values.yaml").read_text(encoding="utf-8"))
    here = yaml.safe_load((DEPLOY / "dagster-postgres.yaml").read_text(encoding="utf-8"))
    runs, more = values["concurrency"]["runs"], values["additionalInstanceConfig"]
    assert runs["maxConcurrentRuns"] == here["concurrency"]["runs"]["max_concurrent_runs"]
    assert runs["tagConcurrencyLimits"] == here["concurrency"]["runs"]["tag_concurrency_limits"]
    assert values["concurrency"]["pools"]["granularity"] == here["concurrency"]["pools"]["granularity"]
    assert more["run_retries"] == here["run_retries"]
    assert more["run_monitoring"]["max_runtime_seconds"] == here["run_monitoring"]["max_runtime_seconds"]
    assert values["postgresql"]["postgresqlScheme"] == "postgresql+psycopg2"
    # What the chart would write twice otherwise.
    assert values["dagsterDaemon"]["runMonitoring"]["enabled"] is values["dagsterDaemon"]["runRetries"]["enabled"] is False


def test_nobody_reaches_a_pod_without_a_rule() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in manifests() if each["kind"] == "NetworkPolicy"}
    assert policies["temu-assets-nobody-comes-in"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    (rule,) = policies["temu-assets-code-server"]["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 4000}]
