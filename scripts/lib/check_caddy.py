"""Runs Caddy with the Caddyfile between curl and two servers that repeat what they hear. Run by scripts/check-deploy."""

import http.server
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

DOMAIN = "vpn.test"
SECRET = "what-nobody-may-read-in-a-log"


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with its server's name and what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"who": self.server.who, "path": self.path, "headers": headers}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_HEAD = do_POST = do_DELETE = do_PATCH = do_GET

    def log_message(self, *_):
        pass


def serve(who, port=0):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Echo)
    server.who = who
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Caddy:
    """Caddy with this Caddyfile, but on free ports and with a certificate of its own making."""

    def __init__(self, panel, orchestrator, **env):
        self.private, self.probe, self.http, self.https = (free_port() for _ in range(4))
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name, "Caddyfile")
        text = Path("Caddyfile").read_text().replace(":3000 {", f":{self.private} {{").replace(":2020 {", f":{self.probe} {{")
        own = f"{{\n\tlocal_certs\n\tskip_install_trust\n\thttp_port {self.http}\n\thttps_port {self.https}\n"
        text, count = re.subn(r"^\{\n", own, text, count=1, flags=re.M)
        assert count == 1 and str(self.private) in text and str(self.probe) in text, "the Caddyfile has another form"
        file.write_text(text)
        upstreams = {"PANEL": f"127.0.0.1:{panel}", "ORCHESTRATOR": f"127.0.0.1:{orchestrator}"}
        self.env = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "XDG_DATA_HOME": self.folder.name, **upstreams, **env}
        self.log = Path(self.folder.name, "log")
        self.call = ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]

    def __enter__(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(self.call, env=self.env, stdout=log, stderr=log)
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_ready(self):
        for _ in range(200):
            if self.is_ready():
                return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def is_ready(self):
        """Whether all ports are open and the certificate is made."""
        if self.env.get("PUBLIC_DOMAIN") != DOMAIN:
            return listens(self.probe) and listens(self.private)
        try:
            return self.public("/")[0] == 404
        except subprocess.CalledProcessError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def ask(self, url, *options):
        """Status, and what the server behind repeats, if one was asked."""
        resolve = [f"{DOMAIN}:{port}:127.0.0.1" for port in (self.http, self.https)]
        known = [part for name in resolve for part in ("--resolve", name)]
        call = ["curl", "-sk", "--max-time", "30", "--path-as-is", "--noproxy", "*", "-w", "\n%{http_code}", *known, *options, url]
        body, _, status = subprocess.run(call, capture_output=True, text=True, check=True).stdout.rpartition("\n")
        return int(status), json.loads(body) if body.startswith("{") else {}

    def public(self, path, *options):
        return self.ask(f"https://{DOMAIN}:{self.https}{path}", *options)


def check_private_door(caddy):
    for name in ("127.0.0.1", "localhost"):
        url = f"http://{name}:{caddy.private}/api/users?size=1"
        status, heard = caddy.ask(url, "-4", "-H", "X-Forwarded-For: 192.0.2.1")
        assert (status, heard.get("who"), heard.get("path")) == (200, "panel", "/api/users?size=1"), heard
        headers = heard["headers"]
        assert (headers["x-forwarded-proto"], headers["x-forwarded-for"]) == ("https", "127.0.0.1"), headers


def check_what_is_public(caddy):
    for path in ("/api/sub/abc_DEF-1", "/api/sub/abc/info"):
        status, heard = caddy.public(path, "-H", "X-Forwarded-For: 192.0.2.1", "-A", "Happ/1.0")
        headers = heard["headers"]
        assert (status, heard["who"], heard["path"]) == (200, "panel", path)
        assert (headers["x-forwarded-proto"], headers["x-forwarded-for"]) == ("https", "127.0.0.1"), headers
        assert (headers["user-agent"], headers["x-forwarded-host"]) == ("Happ/1.0", f"{DOMAIN}:{caddy.https}"), headers
    assert caddy.public("/api/sub/abc", "-I")[0] == 200
    for path, options in (
        ("/connect", []), ("/connect/", []), ("/health", []),
        ("/webhooks/telegram", ["-d", "{}", "-H", f"X-Telegram-Bot-Api-Secret-Token: {SECRET}"]),
        ("/webhooks/remnawave", ["-d", "{}", "-H", f"X-Remnawave-Signature: {SECRET}"]),
    ):  # fmt: skip
        status, heard = caddy.public(path, "-H", "X-Forwarded-For: 127.0.0.1, 10.0.0.1", *options)
        assert (status, heard["who"], heard["path"]) == (200, "orchestrator", path), heard
        headers = heard["headers"]
        assert (headers["x-forwarded-proto"], headers["x-forwarded-for"]) == ("https", "127.0.0.1"), headers
        assert not options or SECRET in headers.values()


PRIVATE = """
/ /metrics /metrics/ //metrics /%6Detrics /health/ready /docs /redoc /openapi.json /api/v1/clients /api/v1/audit
/connect/../metrics /connect/%2e%2e/metrics /connect%2f..%2fmetrics /health/../metrics /webhooks/telegram/../../metrics
/api/users /api/auth/login /api/system/metadata /api/subscriptions/by-short-uuid/abc /api/sub /api/subs/abc
/api/sub/../users /api/sub/%2e%2e/users /api/sub/..%2fusers /api/sub/%2E%2E%2Fusers /api/sub/x/../../users
""".split()


def check_what_is_not_public(caddy):
    for path in PRIVATE:
        assert caddy.public(path) == (404, {}), path
    for method in ("POST", "DELETE", "PATCH"):
        assert caddy.public("/api/sub/abc", "-X", method) == (404, {}), method
    # By its address, or another name, there is nothing at all.
    call = ["curl", "-sk", "--max-time", "10", f"https://127.0.0.1:{caddy.https}/health"]
    assert subprocess.run(call, capture_output=True).stdout == b""
    status, _ = caddy.ask(f"http://{DOMAIN}:{caddy.http}/api/sub/abc")
    assert status == 308, "http only leads to https"


def check_more_paths(caddy):
    for path in ("/api/v1/clients", "/docs"):
        assert caddy.public(path)[1].get("who") == "orchestrator", path
    for path in ("/metrics", "/health/ready", "/api/v1/../../metrics", "/api/v1/%2e%2e/%2e%2e/metrics", "/api/v1/..%2f..%2fmetrics"):
        assert caddy.public(path) == (404, {}), path


def check_trouble():
    """The panel is away, and a replica that is being replaced comes back."""
    away, late = free_port(), free_port()
    with Caddy(away, late, PUBLIC_DOMAIN=DOMAIN) as caddy:
        assert caddy.public(f"/api/sub/{SECRET}", "-H", f"X-Telegram-Bot-Api-Secret-Token: {SECRET}")[0] == 502
        threading.Timer(1, serve, ("orchestrator", late)).start()
        assert caddy.public("/webhooks/telegram", "-d", "{}")[1].get("who") == "orchestrator", "it is waited for"
        log = caddy.log.read_text()
        assert '"status":502' in log and SECRET not in log, log


def check_without_a_domain(panel, orchestrator):
    # Whether it is not set or, as docker-compose.yml has it, to a name that nobody asks for.
    for env in ({}, {"PUBLIC_DOMAIN": "http://nothing.invalid", "PUBLIC_PATHS": ""}):
        with Caddy(panel, orchestrator, **env) as caddy:
            check_private_door(caddy)
            assert not listens(caddy.https)
            for path in ("/api/sub/abc", "/health", "/metrics"):
                # For any other name Caddy has an empty answer.
                assert caddy.ask(f"http://{DOMAIN}:{caddy.http}{path}") == (200, {}), path


def main():
    panel, orchestrator = (serve(who).server_address[1] for who in ("panel", "orchestrator"))
    with Caddy(panel, orchestrator, PUBLIC_DOMAIN=DOMAIN) as caddy:
        check_private_door(caddy)
        check_what_is_public(caddy)
        check_what_is_not_public(caddy)
        assert caddy.ask(f"http://127.0.0.1:{caddy.probe}")[0] == 200, "the container's health check"
    with Caddy(panel, orchestrator, PUBLIC_DOMAIN=DOMAIN, PUBLIC_PATHS="/api/v1/* /docs") as caddy:
        check_more_paths(caddy)
    check_without_a_domain(panel, orchestrator)
    check_trouble()


main()
