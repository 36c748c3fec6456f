#!/usr/bin/env bash
# Prints the project's stacks, one a line: the <name> of every Pulumi.<name>.yaml.
set -euo pipefail
cd "$(dirname "$0")/../.."
for file in Pulumi.*.yaml; do
  stack=${file#Pulumi.}
  echo "${stack%.yaml}"
done
