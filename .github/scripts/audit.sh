#!/usr/bin/env bash
# The step of action.yml: annotations in the log, a table in the summary, SARIF and JSON as files.
# Reads its inputs from the variables that action.yml sets; ends with what the audit ended with.
set -euo pipefail

audit() {
  node --max-semi-space-size=32 "$GITHUB_ACTION_PATH/cli/bundled.cjs" audit "${options[@]}" "$@" -- "${paths[@]}"
}

paths=()
while IFS= read -r line; do
  if [[ -n $line ]]; then paths+=("$line"); fi
done <<<"${PATHS:-}"
if ((${#paths[@]} == 0)); then
  echo "::error::input paths is empty; name files or directories of manifests, one a line"
  exit 2
fi

options=()
option() { if [[ -n $2 ]]; then options+=("$1" "$2"); fi; }
option --collector "${COLLECTOR:-}"
option --traced "${TRACED:-}"
option --istio-version "${ISTIO_VERSION:-}"
option --root-namespace "${ROOT_NAMESPACE:-}"
option --min-sampling "${MIN_SAMPLING:-}"
option --max-sampling "${MAX_SAMPLING:-}"
option --rule-config "${RULE_CONFIG:-}"
case ${FAIL_ON:-error} in
  never) ;;
  error | warning) options+=(--fail-on "${FAIL_ON:-error}") ;;
  *)
    echo "::error::input fail-on is ${FAIL_ON}; it must be error, warning or never"
    exit 2
    ;;
esac

status=0
audit --format github || status=$?
# What the call or a file has wrong is on standard error; there is nothing to hand on.
if ((status > 1)); then exit "$status"; fi

sarif=$RUNNER_TEMP/mesh-tracing.sarif
json=$RUNNER_TEMP/mesh-tracing.json
# The same findings in other words: they end with the same status, which is known already.
audit --format markdown 2>/dev/null >>"$GITHUB_STEP_SUMMARY" || true
audit --format sarif --output "$sarif" 2>/dev/null || true
audit --format json --output "$json" 2>/dev/null || true
{
  echo "sarif=$sarif"
  echo "json=$json"
} >>"$GITHUB_OUTPUT"

if [[ ${FAIL_ON:-error} == never ]]; then exit 0; fi
exit "$status"
