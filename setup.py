"""What pyproject.toml cannot say: a wheel has the files of the top level with it, in ``taskapp/top``."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithTopLevel(build_py):
    """Copies them beside the modules; an editable install finds them where they are (`taskapp.settings.TOP`)."""

    def run(self) -> None:
        """Add them to what was built."""
        super().run()
        if self.editable_mode:
            return
        top = Path(self.build_lib, "taskapp", "top")
        for path in (Path("wsgi.py"), Path("gunicorn.conf.py"), *sorted(Path("migrations").glob("*.py"))):
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, top / path)


setup(cmdclass={"build_py": WithTopLevel})
