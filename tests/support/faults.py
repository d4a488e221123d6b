"""A disk on which the n-th call that writes fails, for a process and the folder it works in.

`python -m tests.support.faulty` runs in such a process; `arm` there chooses the call.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

VARIABLE: Final = "MIRROR_FAULTY_FOLDER"

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
#include <sys/uio.h>
#include <unistd.h>

static long count, fail_at;
static int code, lasting;

void faults_arm(long n, int error, int lasts) {
    count = 0; fail_at = n; code = error; lasting = lasts;
}
long faults_count(void) { return count; }

static int is_watched(const char *path) {
    const char *folder = getenv("MIRROR_FAULTY_FOLDER");
    return folder != NULL && path != NULL && strstr(path, folder) != NULL;
}

static int is_watched_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return is_watched(path);
}

/* 0: works; 1: fails; 2: the first one that fails, of a disk that stays full */
static int fails(void) {
    long number = __sync_add_and_fetch(&count, 1);
    if (!fail_at || number < fail_at || (number > fail_at && !lasting)) return 0;
    errno = code;
    return number == fail_at && lasting ? 2 : 1;
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    if (is_watched_fd(fd)) {
        int how = fails();
        if (how == 2 && size > 1) return real(fd, data, size / 2);
        if (how) return -1;
    }
    return real(fd, data, size);
}
ssize_t writev(int fd, const struct iovec *parts, int parts_count) {
    REAL(writev);
    if (is_watched_fd(fd) && fails()) return -1;
    return real(fd, parts, parts_count);
}
#define PWRITE(name, offset_type)                                          \
    ssize_t name(int fd, const void *data, size_t size, offset_type at) {   \
        REAL(name);                                                         \
        if (is_watched_fd(fd)) {                                            \
            int how = fails();                                              \
            if (how == 2 && size > 1) return real(fd, data, size / 2, at);  \
            if (how) return -1;                                             \
        }                                                                   \
        return real(fd, data, size, at);                                    \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
#define SYNC(name) \
    int name(int fd) { REAL(name); if (is_watched_fd(fd) && fails()) return -1; return real(fd); }
SYNC(fsync)
SYNC(fdatasync)
#define TRUNCATE(name, type)                                               \
    int name(int fd, type size) {                                           \
        REAL(name);                                                         \
        if (is_watched_fd(fd) && fails()) return -1;                        \
        return real(fd, size);                                              \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)
#define ALLOCATE(name, type, result)                                       \
    int name(int fd, type from, type size) {                                \
        REAL(name);                                                         \
        if (is_watched_fd(fd) && fails()) return result;                    \
        return real(fd, from, size);                                        \
    }
ALLOCATE(posix_fallocate, off_t, code)
ALLOCATE(posix_fallocate64, off64_t, code)
int rename(const char *from, const char *to) {
    REAL(rename);
    if (is_watched(to) && fails()) return -1;
    return real(from, to);
}
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    if (is_watched(path) && fails()) return -1;
    return real(path, mode);
}
#define OPEN(name)                                                         \
    int name(const char *path, int flags, ...) {                            \
        REAL(name);                                                         \
        va_list more;                                                       \
        va_start(more, flags);                                              \
        int mode = flags & O_CREAT ? va_arg(more, int) : 0;                 \
        va_end(more);                                                       \
        if (flags & O_CREAT && is_watched(path) && fails()) return -1;      \
        return real(path, flags, mode);                                     \
    }
OPEN(open)
OPEN(open64)
"""


def arm(call: int, error: int = 0, *, lasting: bool = False) -> None:
    """Let the n-th call from now on fail, and those after it, if the error is lasting."""
    ctypes.CDLL(None).faults_arm(ctypes.c_long(call), error, int(lasting))


def calls() -> int:
    """Return how many calls were counted since `arm`."""
    count = ctypes.CDLL(None).faults_count
    count.restype = ctypes.c_long
    return int(count())


def run_with_faults(folder: Path, scenario: str, sample: int | None) -> dict[str, Any]:
    """Run a scenario of `tests.support.faulty` with faults; return what it found.

    `sample` is how many faults are tried of each kind; None tries all.
    """
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("faults are injected with LD_PRELOAD and a C compiler")
    library = folder / "faults.so"
    source = library.with_suffix(".c")
    source.write_text(_SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    work = folder / "work"
    work.mkdir()
    values = {VARIABLE: str(work), "LD_PRELOAD": str(library)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.faulty", scenario, work, str(sample or 0)],
        env=os.environ | values | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
