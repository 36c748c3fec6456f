#!/usr/bin/env bash
# audit-stacks.sh DIRECTORY: renders every stack and writes what the rules find in it as SARIF to DIRECTORY/<stack>.sarif.
# Findings do not fail it: the report does. Ends with 2 if a stack cannot be rendered.
set -euo pipefail
directory=$1
cd "$(dirname "$0")/../.."

.github/scripts/stacks.sh | while IFS= read -r stack; do
  status=0
  npm run -s render -- --stack "$stack" --json --sarif "$directory/$stack.sarif" >/dev/null || status=$?
  if ((status > 1)); then exit "$status"; fi
done
