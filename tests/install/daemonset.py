# SPDX-License-Identifier: GPL-2.0-or-later
"""What the API server would refuse a DaemonSet for, as far as one can tell without it."""
import sys

import yaml


def of_container(container, volumes):
    assert container["image"] and container["name"]
    for part in ("command", "args"):
        assert all(isinstance(word, str) for word in container.get(part, []))
    for variable in container.get("env", []):
        assert isinstance(variable["value"], str), variable
    for mount in container.get("volumeMounts", []):
        assert mount["name"] in volumes and mount["mountPath"].startswith("/"), mount
    assert set(container) <= {"name", "image", "command", "args", "env", "resources",
                              "securityContext", "volumeMounts"}, set(container)


documents = list(yaml.safe_load_all(open(sys.argv[1])))
assert len(documents) == 1
daemonset = documents[0]
assert (daemonset["apiVersion"], daemonset["kind"]) == ("apps/v1", "DaemonSet")
assert set(daemonset) == {"apiVersion", "kind", "metadata", "spec"}
spec = daemonset["spec"]
assert set(spec) == {"selector", "updateStrategy", "template"}
labels = spec["template"]["metadata"]["labels"]
assert spec["selector"]["matchLabels"].items() <= labels.items()
pod = spec["template"]["spec"]
volumes = {volume["name"]: volume for volume in pod["volumes"]}
for one in pod["initContainers"] + pod["containers"]:
    of_container(one, volumes)
environment = {v["name"]: v["value"] for v in pod["initContainers"][0]["env"]}
mounts = [mount["mountPath"] for mount in pod["initContainers"][0]["volumeMounts"]]
assert environment["TARGET"] in mounts
assert volumes["plugins"]["hostPath"]["path"] == "/opt/cni/bin"
