# Sourced by the two launchers beside it. Prints the python that a Pulumi project asks for.
# Order: the option `virtualenv` of the nearest Pulumi.yaml at or above the working folder (or $1, where the engine has
# already read it), `.venv` beside that file, then python3 on PATH.

project_folder() {
    folder=$PWD
    while [ "$folder" != / ] && [ ! -f "$folder/Pulumi.yaml" ]; do folder=$(dirname -- "$folder"); done
    if [ -f "$folder/Pulumi.yaml" ]; then echo "$folder"; else echo "$PWD"; fi
}

virtualenv_option() {
    [ -f "$1/Pulumi.yaml" ] || return 0
    sed -n "/^[[:space:]]*#/d; s/.*[{,[:space:]]virtualenv:[[:space:]]*[\"']\{0,1\}\([^\"',}#]*[^\"',}#[:space:]]\).*/\1/p" "$1/Pulumi.yaml" | head -n 1
}

# A relative virtualenv is relative to Pulumi.yaml, which need not be the working folder: a project with `main:` runs there.
interpreter() {
    root=$(project_folder)
    virtualenv=${1:-$(virtualenv_option "$root")}
    case ${virtualenv:=.venv} in /*) ;; *) virtualenv=$root/$virtualenv ;; esac
    if [ -x "$virtualenv/bin/python" ]; then
        echo "$virtualenv/bin/python"
    elif command -v python3 >/dev/null && python3 -c 'import pulumi' 2>/dev/null; then
        command -v python3
    else
        echo "no Python with the package pulumi: looked for $virtualenv/bin/python and for a python3 on PATH that has it." \
            "Run \`make setup\`, or set MODELBERTH_PYTHON to an interpreter that has it." >&2
        return 1
    fi
}
