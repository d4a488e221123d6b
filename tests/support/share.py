"""A folder that behaves like a network share: without file locks, or without permissions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_shared(const char *path) { return strstr(path, getenv("SHARE")) != NULL; }

static int is_shared_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return is_shared(path);
}

#define FCNTL(name)                                                              \
    int name(int fd, int command, ...) {                                         \
        va_list arguments;                                                       \
        va_start(arguments, command);                                            \
        void *argument = va_arg(arguments, void *);                              \
        va_end(arguments);                                                       \
        int code = atoi(getenv("LOCK_ERRNO"));                                   \
        int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK; \
        if (locks && is_shared_fd(fd)) { errno = code; return -1; }      \
        int (*real)(int, int, ...) = dlsym(RTLD_NEXT, #name);                    \
        return real(fd, command, argument);                                      \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

int chmod(const char *path, mode_t mode) {
    if (is_shared(path)) { errno = EPERM; return -1; }
    int (*real)(const char *, mode_t) = dlsym(RTLD_NEXT, "chmod");
    return real(path, mode);
}
"""


def run_on_share(folder: Path, code: str, *, lock_errno: int) -> str:
    """Run Python code in a folder as on a share, and return what it prints.

    Changing permissions is refused, and locking a file fails with `lock_errno`.
    """
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("a share is made with LD_PRELOAD and a C compiler")
    library = folder.parent / "share.so"
    if not library.exists():
        source = library.with_suffix(".c")
        source.write_text(_SOURCE)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    values = {"SHARE": str(folder), "LOCK_ERRNO": str(lock_errno), "LD_PRELOAD": str(library)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | values | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
