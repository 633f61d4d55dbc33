"""Whom PostgreSQL runs as, and where its files lie: it refuses to run as root.

Started by an ordinary user, it runs as that user and everything lies in the clone. Started by root,
it runs as an unprivileged account that may not enter root's folders, so programs and data lie in a
folder of this clone's own. `postgres` in the clone's state directory then is a link to the data.
Nobody's permissions are changed, no account is added.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNTS = ("postgres", "nobody")
STATE = Path("/var/lib")


@dataclass(frozen=True)
class Account:
    """An account of this machine."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int) -> "Account":
        """The account with this number, named or not."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return cls(str(uid), uid, uid)
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    def options(self) -> dict[str, Any]:
        """What makes subprocess run a program as this account; nothing if we are it."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a new file or folder of ours to this account."""
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)

    def is_private(self, directory: Path) -> bool:
        """Whether only this account may enter `directory`."""
        try:
            status = directory.lstat()
        except OSError:
            return False
        return status.st_uid == self.uid and status.st_mode == stat.S_IFDIR | 0o700


@dataclass(frozen=True)
class Home:
    """Where one server's files lie, and whose they are."""

    data: Path
    programs: Path
    account: Account
    is_outside: bool


def home(directory: Path, *, programs: Path, version: str) -> Home:
    """The home of the server whose state is under `directory`, made if it is new.

    `programs` is where PostgreSQL lies in its package, `version` tells its releases apart.
    """
    data = directory / "postgres"
    if os.geteuid() != 0:
        return Home(data.resolve(), programs, Account.of(os.geteuid()), is_outside=False)
    if data.is_dir() and not data.is_symlink():
        # Begun by an ordinary user, whose it stays.
        return Home(data.resolve(), programs, Account.of(data.stat().st_uid), is_outside=False)
    folder = outside_folder(data)
    data = folder / "postgres"
    account = Account.of(data.stat().st_uid) if data.exists() else first_account()
    programs = copied(programs, folder / f"programs-{version}")
    return Home(data, programs, account, is_outside=True)


def outside_folder(link: Path) -> Path:
    """The folder that `link` points into, made anew (and the link with it) where there is none."""
    if not link.is_symlink():
        folder = Path(tempfile.mkdtemp(prefix="scheduler-", dir=STATE))
        link.symlink_to(folder / "postgres")
    folder = Path(os.readlink(link)).parent
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    return folder


def first_account() -> Account:
    """An unprivileged account that every machine has."""
    for name in ACCOUNTS:
        try:
            return Account.of(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    return Account.of(65534)  # what the kernel itself calls nobody


def copied(programs: Path, target: Path) -> Path:
    """A copy of the programs and their libraries under `target`, readable for everybody."""
    wheel = programs.parent
    if not target.exists():
        draft = target.with_name(f"{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(programs, draft / wheel.name / programs.name)
        libraries = wheel.with_name(f"{wheel.name}.libs")  # they look for them beside the wheel
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        subprocess.run(["chmod", "-R", "u=rwX,go=rX", str(draft)], check=True)
        draft.rename(target)
    return target / wheel.name / programs.name
