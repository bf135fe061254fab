"""Every command of "A team in fifteen minutes" is run, in its order, and the logins it makes."""

from __future__ import annotations

import json
import re
import shlex
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.test_ssh_key import blob
from tests.conftest import StartsTerminal
from tests.exchange.prodigy import make_prodigy
from tests.recipes.support import write_jsonl
from tests.support.environment import annotate_argv, run_headless
from tui_annotate.cli.authorized_keys import lines_of_ours, read_lines

pytestmark = pytest.mark.terminal

PAGE = Path(__file__).parents[2] / "docs" / "team.md"


def steps() -> list[str]:
    """Return the blocks of commands of the page, each as one script."""
    return re.findall(r"```sh\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_every_command_of_the_page(home: Path, terminal: StartsTerminal) -> None:
    tool = home / "tools" / "tui-annotate"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tui_annotate "$@"\n')
    tool.chmod(0o755)
    login = {"PATH": f"{tool.parent}:/usr/bin:/bin", "TUI_ANNOTATE_ANNOTATOR": None}
    write_jsonl(home / "news.jsonl", [{"text": f"Anna met Ben {n}"} for n in range(2)])
    for number, name in enumerate(("ann1", "ann2")):
        key = blob("ssh-ed25519", bytes([number] * 32))
        (home / f"{name}.pub").write_text(f"ssh-ed25519 {key} {name}\n")

    said = []

    def run(script: str) -> None:
        folder = home if script.startswith("mkdir") else home / "project"
        done = run_headless(["sh", "-ec", script], home, cwd=folder, env=login)
        assert done.returncode == 0, script + done.stdout + done.stderr
        said.append(done.stdout + done.stderr)

    blocks = steps()
    work = next(at for at, block in enumerate(blocks) if "tui-annotate who" in block)
    for block in blocks[:work]:
        run(block)
    lines = list(lines_of_ours(read_lines(home / ".ssh" / "authorized_keys")))
    assert [each.name for each in lines] == ["ann1", "ann2"]
    for each in lines:
        with terminal("sh", "-c", each.command, cwd=home, env=login) as screen:
            screen.wait_for("Anna met Ben 0")
            assert "tui-annotate.toml" not in screen.screen_text()  # no path of the host
            screen.type("1 a" if each.name == "ann1" else "a")
            screen.wait_for("Anna met Ben 1")
            screen.type("a q q")
            screen.wait_exit()
    for block in blocks[work:]:
        run(block)
    answers = [json.loads(line) for line in (home / "people.jsonl").read_text().splitlines()]
    people = sorted((each["_annotator_id"], each["text"]) for each in answers)
    assert len(people) == 4
    assert {name for name, _ in people} == {"ann1", "ann2"}
    assert (home / "backup.db").exists()
    assert "annotate.example.org" in "".join(said)


def section(title: str) -> list[str]:
    """Return the blocks of commands of one section of the page that are for special cases."""
    text = PAGE.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"```\n(.*?)```", text, flags=re.DOTALL)


def as_inception_has_it(folder: Path, texts: dict[str, str], marked: dict[str, list[str]]) -> None:
    """Write the folders of an unpacked export: documents, and what people marked in them."""
    import cassis

    types, core = cassis.TypeSystem(), "de.tudarmstadt.ukp.dkpro.core.api"
    sentence, token, entity = (
        types.create_type(f"{core}.{name}", supertypeName="uima.tcas.Annotation")
        for name in (
            "segmentation.type.Sentence",
            "segmentation.type.Token",
            "ner.type.NamedEntity",
        )
    )
    types.create_feature(entity, name="value", rangeType="uima.cas.String")
    (folder / "source").mkdir(parents=True)
    for name, text in texts.items():
        (folder / "source" / name).write_text(text)
        for person in marked.get(name, []):
            cas = cassis.Cas(typesystem=types)
            cas.sofa_string, cas.sofa_mime = text, "text/plain"
            cas.add(sentence(begin=0, end=len(text)))
            for word in re.finditer(r"\S+", text):
                cas.add(token(begin=word.start(), end=word.end()))
            if person != "INITIAL_CAS":
                cas.add(entity(begin=0, end=4, value="PER" if person == "ann1" else "ORG"))
            place = folder / "annotation" / name / f"{person}.zip"
            place.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(place, "w") as packed:
                packed.writestr(f"{person}.xmi", cas.to_xmi())
                packed.writestr("TypeSystem.xml", types.to_xml())


@pytest.mark.parametrize("program", ["Prodigy", "INCEpTION"])
def test_a_running_project_is_taken_over(
    program: str, home: Path, terminal: StartsTerminal
) -> None:
    """With its people, what they have answered, and what is open."""
    texts = {f"doc{n}.txt": f"Anna met Ben {n}. So\nthey say.\n" for n in range(4)}
    marked = {"doc0.txt": ["ann1", "ann2"], "doc1.txt": ["ann1"], "doc2.txt": ["ann2"]}
    blocks = section("A project that is running elsewhere")
    if program == "Prodigy":
        script = blocks[0]
        write_jsonl(home / "news.jsonl", [{"text": text} for text in texts.values()])
        examples = [
            (
                {
                    "text": texts[name],
                    "spans": [{"start": 0, "end": 4, "label": "PERSON"}],
                    "answer": "accept",
                    "_view_id": "ner_manual",
                    "_annotator_id": f"news-{person}",
                    "_session_id": f"news-{person}",
                },
                f"news-{person}",
            )
            for name, people in marked.items()
            for person in people
        ]
        make_prodigy(home / "prodigy.db", {"news": examples})
    else:
        pytest.importorskip("cassis")
        unpacking, script = blocks[1].split("\n", 1)
        assert unpacking == "unzip -q export.zip -d inception"
        marked["doc3.txt"] = ["INITIAL_CAS"]
        as_inception_has_it(home / "inception", texts, marked)
    # The file that is left out is named, so the last command says 1.
    script = script.replace("tui-annotate ", f"{shlex.join(annotate_argv())} ")
    done = run_headless(["sh", "-c", script], home, cwd=home)
    assert "4 answers added" in done.stderr, done.stderr
    assert ("INITIAL_CAS" in done.stderr) == (program == "INCEpTION")
    project = home / "tui-annotate.toml"
    project.write_text(project.read_text() + 'identity = "key"\n')
    # What one has answered goes to one more, what two have to nobody.
    for name, first in (("ann1", 2), ("ann2", 1), ("ann3", 1)):
        login = ("--restricted", "--as", name)
        with terminal(*annotate_argv(*login), cwd=home) as screen:
            screen.wait_for(f"Anna met Ben {first}")
            assert f"{2 if name != 'ann3' else 0} done" in screen.screen_text()
            screen.type("q q")
            assert screen.wait_exit() == 0
    done = run_headless(annotate_argv("sessions", "people"), home, cwd=home)
    found = re.findall(r"(people-ann\d) +(ann\d) +(\d)", done.stdout)
    assert found == [(f"people-ann{n}", f"ann{n}", "220"[n - 1]) for n in (1, 2, 3)]
