#!/usr/bin/env bash
# report.sh BASE FILE: what the change from the git ref BASE does to every stack, as one Markdown comment in FILE.
# Ends with 1 if a stack has new findings of level error, with 2 if one could not be compared.
set -euo pipefail
base=$1
file=$2
cd "$(dirname "$0")/../.."

mapfile -t stacks < <(.github/scripts/stacks.sh)
# GitHub refuses a comment of more than 65,536 characters; the rest is for headings.
length=$((65000 / ${#stacks[@]}))
worst=0
mkdir -p "$(dirname "$file")"
: >"$file"
for stack in "${stacks[@]}"; do
  status=0
  npm run -s report -- --base "$base" --stack "$stack" --max-length "$length" >>"$file" || status=$?
  if ((status > 1)); then
    printf '## Tracing of stack %s\n\nNo report: the log of the run says why.\n' "$stack" >>"$file"
  fi
  echo >>"$file"
  if ((status > worst)); then worst=$status; fi
done
exit "$worst"
