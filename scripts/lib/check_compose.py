"""Holds what docker-compose makes of the compose files against what must be so. Run by scripts/check-deploy."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

PLACE = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DOMAIN = "vpn.example.com"
# The panel's image migrates its database by Prisma, which wants to write beside itself, as the image's own user.
AS_IT_COMES = {"remnawave"}
PRIVATE = {"8000", "3000", "5433", "6767"}
PUBLIC = {"80/tcp", "443/tcp", "443/udp"}
SECRETS = (
    "ORCHESTRATOR_DB_PASSWORD PANEL_DB_PASSWORD PANEL_METRICS_PASSWORD PANEL_APP_SECRET REMNAWAVE_WEBHOOK_SECRET".split()
)


def settings(*files):
    lines = [line for file in files for line in Path(file).read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if re.match("[A-Z_]+=", line))


class Project:
    """A copy of the files with a .env beside them."""

    def __init__(self, compose, folder):
        self.compose, self.folder = compose, folder
        for file in ("docker-compose.yml", "docker-compose.bot.yml", "Dockerfile", "Caddyfile"):
            shutil.copy(file, folder)

    def config(self, file, env):
        lines = "".join(f"{name}={value}\n" for name, value in env.items())
        (self.folder / ".env").write_text(lines)
        call = [self.compose, "-f", file, "config"]
        # Nothing of this machine's own environment.
        run = subprocess.run(call, cwd=self.folder, capture_output=True, text=True, env={"PATH": PLACE, "HOME": "/nonexistent"})
        return run.returncode, run.stdout, run.stderr

    def services(self, file, env):
        code, out, err = self.config(file, env)
        assert code == 0, f"{self.compose} {file}: {err}"
        profiles = set(filter(None, env.get("COMPOSE_PROFILES", "").split(",")))
        services = yaml.safe_load(out)["services"].items()
        return {name: service for name, service in services if set(service.get("profiles", profiles)) <= profiles}


def ports(services):
    """Whose, on which address, which: the two generations write it in three ways."""
    for name, service in services.items():
        for port in service.get("ports", []):
            if isinstance(port, str):
                address, published, rest = re.fullmatch(r"(?:([\d.]+):)?(\d+):(\d+(?:/\w+)?)", port).groups()
                yield name, address, published, rest.partition("/")[2] or "tcp"
            else:
                yield name, port.get("host_ip"), str(port["published"]), port.get("protocol", "tcp")


def is_hardened(name, service):
    """Whether it has what every service needs."""
    for key in ("healthcheck", "restart", "cpus", "mem_limit", "pids_limit", "logging", "stop_grace_period"):
        assert service.get(key), f"{name} has no {key}"
    assert "no-new-privileges" in service["security_opt"], name
    assert service["cap_drop"] == ["ALL"] and not service.get("cap_add"), name
    assert not service.get("privileged") and "network_mode" not in service, name
    assert float(service["cpus"]) <= 1, f"{name} does not start on a machine with one processor"
    if name not in AS_IT_COMES:
        assert service.get("read_only") is True, f"{name} may write everywhere"
        # What is built here names its user in the Dockerfile.
        assert "user" in service or "build" in service, f"{name} runs as root"
    image = service["image"]
    assert "build" in service or re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*", image), f"{image} is not pinned"


def check_full(project):
    env = settings(".env.example", "deploy/compose.env.example")
    env.update(dict.fromkeys(SECRETS, "0123456789abcdef"))
    private = project.services("docker-compose.yml", env)
    for name, address, published, _ in ports(private):
        assert address == "127.0.0.1", f"{name} opens {published} to everybody"
    assert {published for _, _, published, _ in ports(private)} == PRIVATE

    everything = project.services("docker-compose.yml", {**env, "PUBLIC_DOMAIN": DOMAIN, "COMPOSE_PROFILES": "public,replicas"})
    for name, service in everything.items():
        is_hardened(name, service)
    opened = {(name, f"{port}/{kind}") for name, address, port, kind in ports(everything) if address != "127.0.0.1"}
    assert opened == {("caddy-public", port) for port in PUBLIC}, opened
    assert everything["caddy-public"]["environment"]["PUBLIC_DOMAIN"] == DOMAIN
    assert everything["remnawave"]["environment"]["SUB_PUBLIC_DOMAIN"] == f"{DOMAIN}/api/sub"

    ours = settings(".env.example")
    for name in ("orchestrator", "orchestrator-2"):
        given = set(everything[name]["environment"])
        assert given == set(ours), f"docker-compose.yml and .env.example differ in {given ^ set(ours)}"
        assert seconds(everything[name]["stop_grace_period"]) > int(ours["SHUTDOWN_TIMEOUT"])
    assert everything["orchestrator-2"]["networks"]["edge"]["aliases"] == ["orchestrator"]

    for secret in SECRETS:
        code, _, err = project.config("docker-compose.yml", {**env, secret: ""})
        assert code != 0 and "openssl rand" in err, f"without {secret} nobody is told what to do: {err}"


def check_bot(project):
    services = project.services("docker-compose.bot.yml", settings(".env.example"))
    (name, service), = services.items()
    is_hardened(name, service)
    assert [address for _, address, *_ in ports(services)] == ["127.0.0.1"]
    env = service["environment"]
    assert (env["APP_HOST"], env["DATABASE_URL"]) == ("0.0.0.0", "sqlite:///data/orchestrator.db"), "whatever .env says"


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text).group(1))


def main():
    for compose in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            project = Project(compose, Path(folder))
            check_full(project)
            check_bot(project)


main()
