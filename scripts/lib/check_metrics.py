"""Holds the dashboard and the alerts against the metrics there are, and the dashboard against Grafana's rules. Run by
scripts/check-deploy. With a file (what /metrics answered) labels are compared, too."""

import itertools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ENDINGS = ("", "_total", "_bucket", "_sum", "_count")
# What Prometheus itself knows of a target; a label that is called job there is exported_job in a query.
FOREIGN_NAMES, FOREIGN_LABELS = {"up", "ALERTS"}, {"job", "instance", "le"}


def in_the_sources():
    """The names that the code registers, with each ending that its kind may bring."""
    pattern = re.compile(r'\b(?:register|show)\(\s*(?:&mut registry,\s*|registry,\s*)?"([a-z_]+)"')
    text = "".join(Path(file).read_text() for file in ("src/services/metrics.rs", "src/panel/mod.rs"))
    names = pattern.findall(text)
    assert len(names) >= 17, names
    return {f"orchestrator_{name}{ending}" for name in names for ending in ENDINGS}


def in_the_answer(file):
    """Each name with its labels."""
    found = {}
    for name, labels in re.findall(r"^([a-z_]+)(?:\{(.*)\})? ", Path(file).read_text(), re.M):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found


def asked():
    """Every query, with where it stands."""
    dashboard = json.loads(Path("deploy/grafana/orchestrator.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for note in dashboard["annotations"]["list"]:
        yield note["name"], note["expr"]
    for group in yaml.safe_load(Path("deploy/prometheus/alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def check_layout():
    panels = json.loads(Path("deploy/grafana/orchestrator.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels), "two panels have one id"
    boxes = [(panel["title"], panel["gridPos"]) for panel in panels]
    assert all(box["x"] + box["w"] <= 24 for _, box in boxes), "a panel leaves the page"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert beside or above, f"{one} lies over {other}"


def check_grammar(queries):
    """Prometheus itself reads the dashboard's queries, as rules."""
    plain = [query.replace("$__rate_interval", "5m").replace("$instance", ".*") for _, query in queries]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(plain)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "queries", "rules": rules}]}, file)
        file.flush()
        subprocess.run(["promtool", "check", "rules", file.name], check=True, stdout=subprocess.DEVNULL)


def check_names(queries, known):
    for where, query in queries:
        used = set(re.findall(r"\b(?:orchestrator_[a-z_]+|up|ALERTS)\b", query))
        assert used, f"{where}: no metric"
        assert used <= set(known) | FOREIGN_NAMES, f"{where}: there is no {used - set(known) - FOREIGN_NAMES}"


def check_labels(queries, known):
    for where, query in queries:
        names = set(re.findall(r"\borchestrator_[a-z_]+\b", query))
        there = {"exported_job" if label == "job" else label for name in names for label in known.get(name, ())}
        braces = re.findall(r"\{([^}]*)\}", query)
        used = {label for inside in braces for label in re.findall(r"(\w+)\s*[=!]", inside)}
        used |= {label for inside in re.findall(r"\bby\s*\(([^)]*)\)", query) for label in re.findall(r"\w+", inside)}
        assert used <= there | FOREIGN_LABELS, f"{where}: there is no label {used - there - FOREIGN_LABELS}"


def main():
    queries = list(asked())
    check_layout()
    check_grammar(queries)
    check_names(queries, in_the_sources())
    for file in sys.argv[1:]:
        known = in_the_answer(file)
        assert known, f"{file} has no metrics"
        there = [(where, query) for where, query in queries if set(re.findall(r"\borchestrator_[a-z_]+\b", query)) <= set(known)]
        # What has not happened yet is not shown yet.
        print(f"{len(there)} of {len(queries)} queries are about what {file} shows", file=sys.stderr)
        check_labels(there, known)


main()
