#!/bin/sh
# What CI does with a directory: the same steps for every CI service.
# 数据目录的持续集成：各种平台用的都是这些步骤。
#     steps.sh check           validate the whole directory; report.html is for people, report.json for programs
#     steps.sh plan            write plan.json, and plan.md for the pull request
#     steps.sh apply           publish; run again after a failure, it goes on where it stopped
# TARGET is a target of govdata.toml (default ckan:open); its token is in the variable that the target names.
set -eu
target=${TARGET:-ckan:open}

check() {
    govdata validate . --format text --output report.html --output report.json
}

plan() {
    rm -f plan.json plan.md
    code=0
    govdata publish "$target" . --plan plan.json --plan plan.md || code=$?
    # 1: the gate or errors left something out; 3: conflicts, or deletes that are not allowed. The plan says which, so it is shown all the same.
    case $code in
        0 | 1) ;;
        3) test -s plan.md || exit 3 ;;
        *) exit "$code" ;;
    esac
}

apply() {
    code=0
    govdata publish "$target" . --yes --format markdown > outcome.md || code=$?
    cat outcome.md
    # 4: the site failed. Nothing is done twice, so try once more before somebody has to look.
    if [ "$code" = 4 ]; then
        sleep "${PAUSE:-60}"
        code=0
        govdata publish "$target" . --yes --format markdown > outcome.md || code=$?
        cat outcome.md
    fi
    exit "$code"
}

case ${1:-} in
    check | plan | apply) "$1" ;;
    *)
        echo "steps.sh check | plan | apply" >&2
        exit 2
        ;;
esac
