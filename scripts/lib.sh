# Shared by the scripts of this folder: finds a Python from 3.11 on ($PYTHON first) and hands over to steps.py.
# Sourced, never run. Plain sh; paths may hold spaces and Chinese.

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)

usable() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        usable "$PYTHON" && { printf '%s\n' "$PYTHON"; return 0; }
        printf '%s\n' "PYTHON=$PYTHON 不是 Python 3.11 或更新的版本。 / PYTHON=$PYTHON is not Python 3.11 or later." >&2
        return 1
    fi
    for name in python3.11 python3 python3.12 python3.13 python3.14 python; do
        usable "$name" && { printf '%s\n' "$name"; return 0; }
    done
    printf '%s\n' "找不到 Python 3.11 或更新的版本。请先安装（Debian：apt-get install python3），或用 PYTHON=路径 指明。" \
        "No Python 3.11 or later was found. Install one (Debian: apt-get install python3) or name it with PYTHON=path." >&2
    return 1
}

run_step() {
    chosen=$(find_python) || exit 3
    # UTF-8 mode: a .pth file and the output may hold Chinese whatever the locale is.
    PYTHONUTF8=1 exec "$chosen" -B "$folder/steps.py" "$@"
}
