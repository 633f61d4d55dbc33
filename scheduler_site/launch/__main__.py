"""`./run` in the project's environment: serve, test, manage, bench."""

import os
import subprocess
import sys
from pathlib import Path

from scheduler_site import embedded

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    directory = Path(os.environ.get("SCHEDULER_DATA_DIR") or ROOT / "var").resolve()
    with embedded.serving(directory) as url:
        os.environ["DATABASE_URL"] = url
        if arguments[:1] == ["manage"]:
            return subprocess.call([sys.executable, ROOT / "manage.py", *arguments[1:]])
        if arguments[:1] == ["test"]:
            return subprocess.call([sys.executable, "-m", "pytest", *arguments[1:]], cwd=ROOT)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
