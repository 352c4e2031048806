#!/bin/sh
# 在没有互联网的 Linux 上安装 govdata；不需要管理员权限。 Installs govdata on a Linux machine without internet; needs no administrator.
#     sh install.sh [FOLDER]      默认 / by default: ~/.local/share/govdata
# PYTHON 指明用哪个 Python。 PYTHON names the Python to use. 再运行一次就重新安装。 Run again, it installs anew.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
target=${1:-${HOME:?}/.local/share/govdata}

say() { printf '%s\n' "$@" >&2; }
usable() { command -v "$1" > /dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1; }

test -f "$here/SHA256SUMS" || { say "这个文件夹不完整：没有 SHA256SUMS。 / This folder is not whole: there is no SHA256SUMS."; exit 3; }
(cd "$here" && sha256sum --quiet --strict -c SHA256SUMS > /dev/null 2>&1) || {
    say "文件损坏或被改动过，没有安装。哪一个：sha256sum -c SHA256SUMS" \
        "A file is damaged or was changed; nothing was installed. Which one: sha256sum -c SHA256SUMS"
    exit 3
}

python=
for name in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
    if usable "$name"; then
        version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        list=$here/requirements/linux-$(uname -m)-$version.txt
        if [ -f "$list" ]; then python=$name; break; fi
    fi
done
if [ -z "$python" ]; then
    say "没有找到合适的 Python（$(uname -m)）。这个文件夹适用于：" "No suitable Python was found ($(uname -m)). This folder is for:"
    (cd "$here/requirements" && ls) >&2
    exit 3
fi

# Debian's Python may come without ensurepip; the folder's own pip needs neither that nor a pip of the system.
rm -rf -- "$target.new"
"$python" -m venv --without-pip "$target.new"
pip=$(ls "$here"/wheels/pip-*-py3-none-any.whl)
PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PYTHONUTF8=1 "$target.new/bin/python" "$pip/pip" --isolated --disable-pip-version-check \
    install --quiet --no-index --no-deps --only-binary :all: --require-hashes --find-links "$here/wheels" --requirement "$list" || {
    rm -rf -- "$target.new"
    say "安装没有完成，原来的没有改动。 / Installing failed; what was there before is unchanged."
    exit 3
}
rm -rf -- "$target.new/bin/govdata"
# A console script holds the path of its Python: written here, so that the folder can be moved into its place.
cat > "$target.new/bin/govdata" << 'END'
#!/bin/sh
exec "$(dirname -- "$(readlink -f -- "$0")")/python" -m govdata "$@"
END
chmod +x "$target.new/bin/govdata"
"$target.new/bin/govdata" --version > /dev/null
rm -rf -- "$target"
mv -- "$target.new" "$target"
say "已安装：$target/bin/govdata" "Installed: $target/bin/govdata"
