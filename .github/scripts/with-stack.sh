#!/usr/bin/env bash
# with-stack.sh STACK COMMAND…: runs a command with the backend, the stack and the cluster of a deployment.
# Reads PULUMI_BACKEND_URL, PULUMI_ACCESS_TOKEN or PULUMI_CONFIG_PASSPHRASE, and the content of a kubeconfig from
# KUBECONFIG_CONTENT. What it writes of them is gone when it ends.
set -euo pipefail
stack=$1
shift

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
# Where the CLI keeps who is logged in; plugins that are there already stay in use.
mkdir -p ~/.pulumi/plugins
ln -s ~/.pulumi/plugins "$home/plugins"
export PULUMI_HOME=$home

if [[ -n ${KUBECONFIG_CONTENT:-} ]]; then
  install -m 600 /dev/null "$home/kubeconfig"
  printf '%s\n' "$KUBECONFIG_CONTENT" >"$home/kubeconfig"
  export KUBECONFIG=$home/kubeconfig
fi
unset KUBECONFIG_CONTENT

pulumi login >&2
pulumi stack select "$stack" >&2
"$@"
