"""`ssh-key` and `invite`: keys as people send them, lines as a server obeys them."""

from __future__ import annotations

import base64
import shlex
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.conftest import RunsHeadless, StartsTerminal
from tests.proof.server import Server, missing
from tests.terminal.support import Job
from tui_annotate.cli import ssh_key
from tui_annotate.cli.authorized_keys import (
    KeyLine,
    PublicKey,
    add_line,
    check_name,
    key_line,
    lines_of_ours,
    read_public_key,
    remove_lines,
    server_problems,
)
from tui_annotate.cli.main import run
from tui_annotate.errors import UsageError

JOB = ("--", "ner.manual", "my_set", "data.jsonl", "--label", "A,B")


def blob(kind: str, *fields: bytes) -> str:
    """Return a key as base64, of the type and the strings that it consists of."""
    parts = [kind.encode(), *fields]
    return base64.b64encode(b"".join(len(x).to_bytes(4, "big") + x for x in parts)).decode()


KEY = PublicKey("ssh-ed25519", blob("ssh-ed25519", bytes(range(32))))
LINE = f"{KEY.type} {KEY.data}"
FOLDED = "\n".join(KEY.data[at : at + 30] for at in range(0, len(KEY.data), 30))
SSH2 = (
    '---- BEGIN SSH2 PUBLIC KEY ----\nComment: "a key of \\\nsomebody"\n'
    f"{FOLDED}\n---- END SSH2 PUBLIC KEY ----\n"
)
RSA = blob("ssh-rsa", b"\1\0\1", b"\0" + b"\xff" * 128)

GOOD = {
    "OpenSSH": f"{LINE} somebody@laptop\n",
    "no comment, no line end": LINE,
    "options of the sender": f'command="sh",no-pty {LINE} x\n',
    "comments around": f"# mine\n\n{LINE}\n\n",
    "RFC 4716": SSH2,
    "Windows": SSH2.replace("\n", "\r\n"),
}
BAD = {
    "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n": "private key",
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n": "private key",
    "-----BEGIN RSA PRIVATE KEY-----\nx\n": "private key",
    "-----BEGIN PUBLIC KEY-----\nx\n": "form of OpenSSL",
    "hello\n": "no public key of SSH",
    "": "no public key of SSH",
    f"{LINE}\nssh-rsa {RSA}\n": "2 keys",
    f"{KEY.type} {KEY.data[:-8]}\n": "broken",
    f"ssh-rsa {KEY.data}\n": "broken",
    f"ssh-rsa {RSA}\n": "1,024 bits",
    f"ssh-dss {blob('ssh-dss', b'x', b'y')}\n": "ssh-dss are not let in",
    f"ssh-ed25519-cert-v01@openssh.com {blob('ssh-ed25519-cert-v01@openssh.com', b'x')}": "cert",
}


@pytest.mark.quick
@pytest.mark.parametrize("form", GOOD)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_public_key_is_read_in_every_form(tmp_path: Path, form: str, encoding: str) -> None:
    file = tmp_path / "key.pub"
    file.write_bytes(GOOD[form].encode(encoding))
    assert read_public_key(str(file)) == KEY


@pytest.mark.quick
@pytest.mark.parametrize(("text", "said"), BAD.items())
def test_other_files_are_refused_with_the_reason(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "key.pub"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        read_public_key(str(file))


@pytest.mark.quick
@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1))
@example('a\\"b')
def test_a_line_gives_its_command_back(command: str) -> None:
    assume(command.isprintable() and not command.endswith("\\"))
    line = key_line("ann1", KEY, command)
    assert "\n" not in line
    assert list(lines_of_ours(line)) == [KeyLine("ann1", KEY, command)]


@pytest.mark.quick
@pytest.mark.parametrize("command", ["true\nssh-rsa AAAA", "true \\"])
def test_a_command_cannot_begin_another_line_or_take_the_quote(command: str) -> None:
    with pytest.raises(UsageError):
        key_line("ann1", KEY, command)


@pytest.mark.quick
@pytest.mark.parametrize("name", ["", "a b", 'a"b', "-a", "a\nb", "../a", "a" * 65, "ä", "a'b"])
def test_names_that_could_be_something_else_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        check_name(name)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("AcceptEnv LANG LC_*", []),
        ("#AcceptEnv *", []),
        ("acceptenv *", ["AcceptEnv * lets whoever logs in send BASH_ENV"]),
        ('AcceptEnv="LANG" PYTHON*', ["send PYTHONPATH"]),
        ("AcceptEnv LANG BASH_FUNC_*", ["send BASH_FUNC_cd%%"]),
        ("Match User ann\n  AcceptEnv LD_*", ["line 2: AcceptEnv LD_*"]),
        ("PermitUserEnvironment yes", ["PermitUserEnvironment no"]),
        ("PermitUserEnvironment no", []),
        ("Include more.d/*.conf", ["more.conf, line 1: AcceptEnv ENV", "more.conf, line 2"]),
        ("Include sshd_config", []),
    ],
)
def test_what_the_server_of_the_host_accepts_is_looked_at(
    lines: str, said: list[str], tmp_path: Path
) -> None:
    (tmp_path / "more.d").mkdir()
    (tmp_path / "more.d" / "more.conf").write_text("AcceptEnv ENV\nPermitUserEnvironment LC_*\n")
    config = tmp_path / "sshd_config"
    config.write_text(lines + "\n")
    found = list(server_problems(config))
    assert len(found) == len(said)
    for line, part in zip(found, said, strict=True):
        assert part in line
    assert list(server_problems(tmp_path / "missing")) == []


def test_an_open_server_is_said_when_somebody_is_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "sshd_config"
    config.write_text("AcceptEnv *\n")
    monkeypatch.setattr("tui_annotate.cli.authorized_keys.SERVER_CONFIG", config)
    key = tmp_path / "ann1.pub"
    key.write_text(f"ssh-ed25519 {blob('ssh-ed25519', bytes(32))} ann1\n")
    project = 'recipe = "ner.manual"\ndataset = "s"\nsource = "rows.jsonl"\nlabels = ["A"]\n'
    (tmp_path / "tui-annotate.toml").write_text(f'{project}identity = "key"\n')
    (tmp_path / "rows.jsonl").write_text('{"text": "one"}\n')
    monkeypatch.chdir(tmp_path)
    assert run(["ssh-key", "add", "ann1", str(key)]) == 0
    assert "not safe yet" in capsys.readouterr().err
    assert run(["check-project"]) == 1
    assert "a login by key gets a shell" in capsys.readouterr().err
    config.write_text("AcceptEnv LANG LC_*\n")
    assert run(["check-project"]) == 0


def test_other_lines_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    other = f"# héllo\nssh-rsa {RSA} me@home"
    file.write_text(other)
    add_line(file, key_line("ann1", KEY, "true"), KEY)
    assert file.read_text() == f"{other}\n{key_line('ann1', KEY, 'true')}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="already") as error:
        add_line(file, key_line("ann2", KEY, "true"), KEY)
    assert error.value.where == f"{file}:3"
    assert remove_lines(file, "ann2") == 0
    assert remove_lines(file, "ann1") == 1
    assert file.read_text() == f"{other}\n"
    link = tmp_path / "link"
    link.symlink_to(file)
    with pytest.raises(UsageError, match="a link"):
        add_line(link, key_line("ann1", KEY, "true"), KEY)


def test_the_command_prints_writes_lists_and_removes(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    key = tmp_path / "key.pub"
    key.write_text(LINE)
    file = tmp_path / "keys"
    folder = tmp_path / 'it\'s a "job"'
    folder.mkdir()
    printed = headless("ssh-key", "add", "ann1", key, "--folder", folder, *JOB)
    assert printed.returncode == 0 and not file.exists()
    (found,) = lines_of_ours(printed.stdout.rstrip("\n"))
    words = shlex.split(found.command)
    assert words[:4] == ["cd", str(folder), "&&", "exec"]
    assert words[-8:] == ["--restricted", *JOB[1:], "--as", "ann1"]
    to_file = ("--folder", folder, "--write", "--file", file)
    assert headless("ssh-key", "add", "ann1", key, *to_file, *JOB).returncode == 0
    assert file.read_text() == printed.stdout
    listed = headless("ssh-key", "list", "--file", file).stdout
    assert listed.startswith(f"ann1  ssh-ed25519  {KEY.fingerprint}  cd ")
    assert headless("ssh-key", "remove", "ann1", "--file", file).returncode == 0
    assert headless("ssh-key", "remove", "ann1", "--file", file).returncode == 1


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (["nothing.such", "s", "x"], "nothing.such"),
        (["--label", "A"], "begins with a recipe"),
        (["ner.manual", "s", "x", "--as", "bob"], "the login says who annotates"),
        (["ner.manual", "s", "x", "--as=bob"], "the login says who annotates"),
        (["ner.llm.correct", "s", "x"], "not available in the restricted session"),
    ],
)
def test_jobs_that_no_login_could_run_are_refused(
    headless: RunsHeadless, tmp_path: Path, job: list[str], said: str
) -> None:
    key = tmp_path / "key.pub"
    key.write_text(LINE)
    done = headless("ssh-key", "add", "ann1", key, "--", *job)
    assert done.returncode == 2 and said in done.stderr


def test_the_card_says_how_to_reach_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ssh_key, "HOST_KEYS", tmp_path)
    (tmp_path / "ssh_host_ed25519_key.pub").write_text(LINE)
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5000 10.0.0.2 2222")
    assert run(["invite", "ann1", "--host", "texts.example", "--user", "team"]) == 0
    card = capsys.readouterr().out
    assert "ssh -p 2222 team@texts.example" in card
    assert KEY.fingerprint in card
    assert max(map(len, card.splitlines())) <= 90


# A real server obeys the line


@pytest.mark.terminal
@pytest.mark.skipif(bool(missing()), reason=missing() or "there is a server")
def test_a_login_opens_the_own_session_and_nothing_else(
    tmp_path: Path, home: Path, headless: RunsHeadless, terminal: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    with Server(tmp_path / "server") as server:
        keys = tmp_path / "server" / "authorized_keys"
        public = tmp_path / "server" / "user.pub"
        keys.unlink()
        made = headless(
            *("ssh-key", "add", "ann1", public, "--write", "--file", keys, "--"), *job.arguments
        )
        assert made.returncode == 0, made.stderr
        # A login has the account's own home; here it is the test's.
        keys.write_text(keys.read_text().replace("&& exec ", f"&& HOME={home} exec ", 1))
        client = server.client([], home, tmp_path)[:-1]
        for asked in ("", "sh", "cat /etc/passwd"):
            with terminal(*client, *filter(None, [asked]), home=tmp_path / "client") as screen:
                screen.wait_for("of them.")
                screen.type("a q q")
                screen.wait_exit()
                raw = screen.raw.decode("utf-8", "replace")
            assert ("ignored in a restricted session: the command" in raw) is bool(asked)
            assert "root:" not in raw
    job.database = home / ".local" / "share" / "tui-annotate" / "annotations.db"
    assert {answer["_annotator_id"] for answer in job.answers()} == {"ann1"}
    assert len(job.answers()) == 3


GOOD_PROJECT = 'recipe = "ner.manual"\ndataset = "s"\nidentity = "key"\n'


@pytest.mark.parametrize(
    ("project", "said"),
    [
        (None, "there is no project, and no job is named"),
        ("recipe = [", "cannot be read"),
        ('identity = "key"\n', "names no job"),
        (GOOD_PROJECT.replace("key", "login"), "does not say who annotates"),
        (GOOD_PROJECT + 'people = ["ben"]\n', "not among the people"),
        (GOOD_PROJECT + 'people = ["ann1"]\n', ""),
    ],
)
def test_without_a_job_it_is_the_projects(tmp_path: Path, project: str | None, said: str) -> None:
    if project is not None:
        (tmp_path / "tui-annotate.toml").write_text(project)
    if said:
        with pytest.raises(UsageError, match=said):
            ssh_key._forced("ann1", (), tmp_path)
    else:
        words = shlex.split(ssh_key._forced("ann1", (), tmp_path))
        assert words[-3:] == ["--restricted", "--as", "ann1"]
