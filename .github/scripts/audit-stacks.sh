#!/usr/bin/env bash
# audit-stacks.sh DIRECTORY: renders every stack and writes the findings of each as SARIF to DIRECTORY/<stack>.sarif.
# Findings do not fail it: the report does. Ends with 2 if a stack cannot be rendered or read.
set -euo pipefail
directory=$1
cd "$(dirname "$0")/../.."

mkdir -p "$directory"
.github/scripts/stacks.sh | while IFS= read -r stack; do
  for step in \
    "render -- --stack $stack --json" \
    "audit -- rendered/$stack --format sarif --output $directory/$stack.sarif"; do
    status=0
    # shellcheck disable=SC2086 # words of a command
    npm run -s $step >/dev/null || status=$?
    if ((status > 1)); then exit "$status"; fi
  done
done
