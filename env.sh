# . ./env.sh — what `pulumi` typed by hand needs: PATH, backend, passphrase. Run `make setup` once before.
# Only bash says where a sourced file lies; other shells source it from the project's folder.
_root=${BASH_SOURCE:+$(cd "$(dirname "$BASH_SOURCE")" && pwd)}
_root=${_root:-$PWD}
case ":$PATH:" in *":$_root/.pulumi/engine:"*) ;; *) PATH="$_root/.pulumi/engine:$_root/.venv/bin:$PATH" ;; esac
export PATH
export PULUMI_BACKEND_URL="${PULUMI_BACKEND_URL:-file://$_root/.pulumi/state}"
export PULUMI_CONFIG_PASSPHRASE_FILE="${PULUMI_CONFIG_PASSPHRASE_FILE:-$_root/.pulumi/passphrase}"
export PULUMI_HOME="${PULUMI_HOME:-$_root/.pulumi/home}"
export PULUMI_SKIP_UPDATE_CHECK=true
# Without byte code every import takes two to three times as long.
unset PYTHONDONTWRITEBYTECODE _root
