"""The production set-up as files: no container engine runs here, so what can be read of them is checked."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from cryptography.fernet import Fernet

from tilmfg.records import server_log

BASE = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?P<rest>[^}]*)\}")
APPLICATION = ("web", "worker", "beat")
ONE_SHOTS = ("prepare", "migrate")

WORDS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
SCHEMA = {
    "type": "object",
    "required": ["name", "services", "networks", "volumes"],
    "properties": {
        "name": {"const": "tilmfg"},
        "networks": {"type": "object"},
        "volumes": {"type": "object"},
        "services": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["image", "restart", "networks"],
                "additionalProperties": False,
                "properties": {
                    "image": {"type": "string", "pattern": "^[a-z/]+:"},
                    "build": {"const": {"context": ".", "args": {"TILMFG_COMMIT": "${TILMFG_COMMIT:-}"}}},
                    "restart": {"enum": ["unless-stopped", "no"]},
                    "command": WORDS,
                    "environment": {"type": "object", "additionalProperties": {"type": "string"}},
                    "depends_on": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "required": ["condition"],
                            "properties": {
                                "condition": {"enum": ["service_healthy", "service_completed_successfully"]}
                            },
                        },
                    },
                    "healthcheck": {
                        "type": "object",
                        "required": ["test", "interval", "timeout", "retries"],
                        "properties": {
                            "test": {**WORDS, "minItems": 2},
                            "retries": {"type": "integer"},
                        },
                    },
                    "volumes": WORDS,
                    "networks": WORDS,
                    "ports": WORDS,
                    "tmpfs": WORDS,
                    "cap_drop": {"const": ["ALL"]},
                    "security_opt": {"const": ["no-new-privileges:true"]},
                    "read_only": {"const": True},
                    "shm_size": {"type": "string"},
                    "stop_grace_period": {"type": "string", "pattern": "^[0-9]+s$"},
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def text():
    return (BASE / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def compose(text):
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def answers():
    """.env.example as somebody may have filled it in."""
    lines = (BASE / ".env.example").read_text().splitlines()
    asked = [line.removesuffix("=") for line in lines if re.fullmatch(r"[A-Z_]+=", line)]
    known = {
        "TILMFG_DOMAIN": "til.example.org",
        "TILMFG_TLS": "internal",
        "TILMFG_TIME_ZONE": "Europe/Berlin",
        "TILMFG_FACILITY_NUMBER": "A9999",
        "TILMFG_MANUFACTURER": "Example Cell Therapies",
        "TILMFG_MAIL_URL": "smtp://us:secret@mail.example.org:587",
        "TILMFG_OIDC_ISSUER": "https://login.example.org",
        "TILMFG_OIDC_AMR": "mfa",
        "TILMFG_OIDC_ACR": "",
        "SECRET_KEY": "k" * 60 + "abcdef",
        "TILMFG_VAULT_KEY": Fernet.generate_key().decode(),
    }
    return {name: known.get(name, f"secret-of-{name.lower()}") for name in asked}


def filled_in(environment, answers):
    return {
        name: VARIABLE.sub(lambda found: answers[found["name"]], value) for name, value in environment.items()
    }


def test_it_is_well_formed(compose):
    jsonschema.validate(compose, SCHEMA)


def test_it_refuses_to_start_while_a_secret_is_missing(text, answers):
    used = {found["name"]: found["rest"] for found in VARIABLE.finditer(text)}
    assert used.pop("TILMFG_VERSION") == ":-local"
    assert used.pop("TILMFG_COMMIT") == ":-"
    optional = {
        name for name in used if name.startswith("TILMFG_OIDC_")
    }  # unset, nobody signs in from elsewhere
    assert {used[name] for name in optional} == {":-"}
    assert {used[name] for name in used.keys() - optional} == {":?"}
    assert used.keys() == answers.keys()


def test_it_runs_the_servers_that_the_embedded_mode_has(services):
    assert services["database"]["image"].startswith("postgres:18")
    assert services["broker"]["image"].startswith("valkey/valkey:9")


def test_its_broker_forgets_nothing(services):
    command = services["broker"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_its_servers_log_no_row_and_no_address(services):
    """SEC-14"""
    command = services["database"]["command"]
    assert {f"{name}={value}" for name, value in server_log.SETTINGS.items()} <= set(command)
    assert '"--logger-class", "tilmfg.logs.Gunicorn"' in (BASE / "Dockerfile").read_text()
    assert "access-logfile" not in (BASE / "Dockerfile").read_text()
    [logged] = re.findall(r"log \{\s+format filter \{\s+fields \{([^}]*)\}", (BASE / "Caddyfile").read_text())
    assert logged.split() == ["request", "delete"]


def test_only_the_worker_holds_the_anchors_and_their_key(services):
    holding = {
        name for name, service in services.items() if "TILMFG_ANCHOR_KEY" in service.get("environment", {})
    }
    assert holding == {"worker"}
    folder = services["worker"]["environment"]["TILMFG_ANCHOR_FOLDER"]
    assert services["worker"]["volumes"] == [f"anchors:{folder}"]


@pytest.mark.parametrize("service", ["database", "broker", "worker", "caddy"])
def test_its_data_outlive_the_containers(service, compose):
    named = [volume.split(":")[0] for volume in compose["services"][service]["volumes"]]
    assert set(named) & compose["volumes"].keys()


def test_only_caddy_can_be_reached_from_outside_and_only_the_worker_reaches_there(compose):
    open_to_all = {name for name, service in compose["services"].items() if "ports" in service}
    outside = {name: service["networks"] for name, service in compose["services"].items()
               if service["networks"] != ["inner"]}  # fmt: skip
    assert open_to_all == {"caddy"}
    assert outside == {"caddy": ["inner", "outer"], "worker": ["inner", "outgoing"]}
    assert compose["networks"]["inner"] == {"internal": True}


def test_every_service_waits_for_what_it_needs(services):
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[needed], f"{name} waits for {needed} to be healthy"
            else:
                assert services[needed]["restart"] == "no", f"{name} waits for {needed} to end"
    for name in APPLICATION:
        assert services[name]["depends_on"].keys() == {"migrate", "broker"}
    assert services["migrate"]["depends_on"].keys() == {"prepare"}


def test_every_lasting_service_has_a_health_check(services):
    assert {name for name in services if "healthcheck" not in services[name]} == set(ONE_SHOTS)


def test_web_and_workers_know_neither_owner_nor_administrator(services):
    for name in APPLICATION:
        assert not {"DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"} & services[name]["environment"].keys()
        assert not re.search("OWNER_PASSWORD|ADMIN_PASSWORD", str(services[name]))
    assert "DATABASE_ADMIN_URL" not in services["migrate"]["environment"]


@pytest.mark.parametrize(("service", "role"), [("worker", "app"), ("migrate", "owner")])
def test_its_environment_is_what_the_settings_ask_for(services, answers, service, role):
    """SEC-15"""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE,
        env=kept | filled_in(services[service]["environment"], answers) | {"TILMFG_ROLE": role},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_task_may_end_before_its_worker_does(services, settings):
    assert int(services["worker"]["stop_grace_period"].removesuffix("s")) > settings.CELERY_TASK_TIME_LIMIT


def test_its_image_is_made_of_files_that_exist_and_runs_without_privileges():
    lines = (BASE / "Dockerfile").read_text().splitlines()
    allowed = (BASE / ".dockerignore").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    for source in itertools.chain(*copied):
        assert (BASE / source).exists()
        assert f"!{source}" in allowed
    assert [line for line in lines if line.startswith("USER ")] == ["USER tilmfg"]
    assert {line.split()[1] for line in lines if line.startswith("FROM ")} == {"python:3.11-slim-bookworm"}


def test_caddy_asks_the_web_where_it_listens(services):
    caddyfile = (BASE / "Caddyfile").read_text()
    assert set(re.findall(r"\{\$(\w+)\}", caddyfile)) == services["caddy"]["environment"].keys()
    port = re.search(r"name web\s+port (\d+)", caddyfile)[1]
    assert f'"--bind", "0.0.0.0:{port}"' in (BASE / "Dockerfile").read_text()
    assert services["web"]["healthcheck"]["test"][4].endswith(f":{port}")
