#!/usr/bin/env bash
# preview.sh STACK FILE: `pulumi preview` with the policy pack; its output in the log, and as a Markdown comment in FILE.
# Ends with what the preview ended with.
set -euo pipefail
stack=$1
file=$2
cd "$(dirname "$0")/../.."

# GitHub refuses a comment of more than 65,536 characters.
most=60000
output=$(mktemp)
trap 'rm -f "$output"' EXIT

status=0
pulumi preview --stack "$stack" --policy-pack policy --diff --color never --non-interactive --suppress-progress 2>&1 |
  tee "$output" || status=$?

mkdir -p "$(dirname "$file")"
{
  if ((status == 0)); then
    echo "## \`pulumi preview\` of stack $stack: may be deployed"
  else
    echo "## \`pulumi preview\` of stack $stack: failed"
  fi
  echo
  echo "<details><summary>Changes, findings of the policy pack</summary>"
  echo
  # A fence longer than any in the output, so that nothing in it ends the fence.
  longest=$(grep -o '`*' "$output" | awk '{ if (length > most) most = length } END { print most + 0 }')
  fence=$(printf '`%.0s' $(seq 1 $((longest < 3 ? 3 : longest + 1))))
  echo "${fence}diff"
  if (($(wc -c <"$output") > most)); then
    echo "(the beginning is in the log of the run; findings and summary are at the end)"
    # From the first whole line.
    tail -c "$most" "$output" | sed 1d
  else
    cat "$output"
  fi
  echo "$fence"
  echo
  echo "</details>"
} >"$file"
exit "$status"
