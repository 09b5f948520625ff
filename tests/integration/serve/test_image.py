"""What the image would hold and run, tried without a container engine."""

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from deploy.image_steps import sent_to_the_engine, steps

ROOT = Path(__file__).parents[3]


def test_the_files_of_the_image_are_enough_to_check_prepare_serve_and_stop() -> None:
    with tempfile.TemporaryDirectory(prefix="parley-image-") as directory:
        done = subprocess.run(
            [
                sys.executable,
                str(ROOT / "deploy/image_steps.py"),
                f"{directory}/image",
                "--venv",
                sys.prefix,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "the image's steps hold" in done.stdout


def test_what_is_sent_to_the_engine_is_what_is_copied() -> None:
    found = [step for step in steps((ROOT / "Dockerfile").read_text()) if step.word == "COPY"]
    copied = {source for step in found if "--from" not in step.rest for source in step.rest.split()[:-1]}
    assert copied == sent_to_the_engine()


def test_the_image_runs_as_nobody_special_and_can_be_watched() -> None:
    found = {step.word: step.rest for step in steps((ROOT / "Dockerfile").read_text())}
    assert found["USER"] == "10001:10001"
    assert found["VOLUME"] == "/data"
    assert found["ENTRYPOINT"] == '["tini", "--"]'
    assert "curl" not in found["HEALTHCHECK"]


def test_the_compose_file_gives_no_rights_and_keeps_the_data() -> None:
    service = yaml.safe_load((ROOT / "deploy/1panel/docker-compose.yml").read_text())["services"]["parley"]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["parley-data:/data"]
    assert not any("docker.sock" in str(value) for value in service.values())
