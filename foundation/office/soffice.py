"""LibreOffice as a converter: one profile for each job, no macros, no way to the network, a limit on time."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

SECONDS = 60
KILOBYTES = 4_000_000
"""Of memory, and of a file it may write."""
NOWHERE = ("127.0.0.1", 9)  # the discard port: whatever wants out by a proxy ends here

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
%s
</oor:items>
"""
# Fonts of Chinese forms, and what stands for them where they are not installed.
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><cachedir prefix="xdg">fontconfig</cachedir>
%s
</fontconfig>
"""
_ALIAS = '<alias binding="same"><family>%s</family><prefer><family>%s</family></prefer></alias>'
_SONG, _HEI = "Noto Serif CJK SC", "Noto Sans CJK SC"
_STAND_FOR = {
    **dict.fromkeys(
        ("宋体", "SimSun", "仿宋", "FangSong", "楷体", "KaiTi", "仿宋_GB2312", "楷体_GB2312"), _SONG
    ),
    **dict.fromkeys(("黑体", "SimHei", "微软雅黑", "Microsoft YaHei"), _HEI),
}
_ITEM = '<item oor:path="%s"><prop oor:name="%s" oor:op="fuse"><value>%s</value></prop></item>'
_SETTINGS = (
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", 3),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", 2),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", NOWHERE[0]),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", NOWHERE[1]),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", NOWHERE[0]),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", NOWHERE[1]),
    ("/org.openoffice.Inet/Settings", "ooInetFTPProxyName", NOWHERE[0]),
    ("/org.openoffice.Inet/Settings", "ooInetFTPProxyPort", NOWHERE[1]),
)


class NotConverted(Exception):
    """LibreOffice is not there, was too slow, or made nothing of the file."""


def is_installed() -> bool:
    return program() is not None


def program() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(content: bytes, *, suffix: str, to: str, seconds: float = SECONDS) -> bytes:
    """`convert(doc, suffix=".doc", to="docx")`; `to` may name a filter, as in “docx:MS Word 2007 XML”."""
    soffice = program()
    if soffice is None:
        raise NotConverted("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="soffice-") as name:
        folder = Path(name)
        given = folder / f"document{suffix}"
        given.write_bytes(content)
        _write_profile(folder / "profile")
        _write_fonts(folder / "fonts.conf")
        out = folder / "out"
        _run(
            [
                *_without_network(),
                soffice,
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--headless",
                "--norestore",
                "--convert-to",
                to,
                "--outdir",
                str(out),
                str(given),
            ],
            folder,
            seconds,
        )
        made = out / f"document.{to.partition(':')[0]}"
        if not made.is_file() or not made.stat().st_size:
            raise NotConverted("LibreOffice made nothing of the file")
        return made.read_bytes()


@lru_cache(maxsize=1)
def _without_network() -> tuple[str, ...]:
    """A network of its own, with nothing in it, where the system lets us have one."""
    command = ("unshare", "--map-root-user", "--net", "--")
    with suppress(OSError, subprocess.TimeoutExpired):
        if subprocess.run([*command, "true"], capture_output=True, timeout=5, check=False).returncode == 0:
            return command
    return ()


def _write_profile(profile: Path) -> None:
    user = profile / "user"
    user.mkdir(parents=True)
    items = "\n".join(_ITEM % setting for setting in _SETTINGS)
    (user / "registrymodifications.xcu").write_text(_PROFILE % items, encoding="utf-8")


def _write_fonts(file: Path) -> None:
    file.write_text(_FONTS % "\n".join(_ALIAS % pair for pair in _STAND_FOR.items()), encoding="utf-8")


def _run(command: list[str], folder: Path, seconds: float) -> None:
    limits = f'ulimit -v {KILOBYTES} && ulimit -f {KILOBYTES} && ulimit -t {int(seconds) + 1} && exec "$@"'
    proxy = f"http://{NOWHERE[0]}:{NOWHERE[1]}"
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        "http_proxy": proxy,
        "https_proxy": proxy,
        "SAL_USE_VCLPLUGIN": "svp",
    }
    process = subprocess.Popen(
        ["/bin/sh", "-c", limits, "sh", *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise NotConverted("LibreOffice was too slow") from error
    finally:
        with suppress(ProcessLookupError):  # soffice is a script with a child: all of the group
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
