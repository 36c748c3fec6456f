#!/usr/bin/env bash
# comment.sh DIRECTORY: posts DIRECTORY/<topic>.md to the pull request of the run, or updates what an earlier run posted.
# The files come from a run of a stranger's code: they are text, and only topics that are known are taken. A fork has
# no preview, since it gets no secrets, so that a preview of one is forged; and of its report it is said that the fork
# may have written it.
# Needs GH_TOKEN, GITHUB_REPOSITORY, HEAD_REPOSITORY, HEAD_OWNER, HEAD_BRANCH and HEAD_SHA.
set -euo pipefail
directory=$1
here=$(dirname "$0")
repository=repos/$GITHUB_REPOSITORY

numbers=$(gh api --method GET "$repository/pulls" -f state=open -f "head=$HEAD_OWNER:$HEAD_BRANCH" \
  --jq '.[] | select(.head.sha == env.HEAD_SHA) | .number')
if [[ -z $numbers ]]; then
  echo "no open pull request has $HEAD_SHA any more"
  exit 0
fi

topics=(tracing)
if [[ $HEAD_REPOSITORY == "$GITHUB_REPOSITORY" ]]; then
  while IFS= read -r stack; do topics+=("preview-$stack"); done < <("$here/stacks.sh")
fi

# Of a fork: who has written it, and nobody is mentioned by it.
told() {
  if [[ $HEAD_REPOSITORY == "$GITHUB_REPOSITORY" ]]; then
    cat
  else
    echo "> **Written by the code of a fork's pull request.** It may say anything: read the change and the log of the run."
    echo
    sed $'s/@/@\xe2\x80\x8b/g'
  fi
}

body=$(mktemp)
trap 'rm -f "$body"' EXIT
for topic in "${topics[@]}"; do
  file=$directory/$topic.md
  if [[ ! -f $file || -L $file ]]; then continue; fi
  # By this line, which is not shown, the next run finds its comment.
  export MARKER="<!-- mesh-tracing:$topic -->"
  {
    echo "$MARKER"
    # GitHub's limit; what is left of a character at the end is dropped, of which iconv complains.
    told <"$file" | head -c 65000 | iconv -c -f UTF-8 -t UTF-8 2>/dev/null || true
  } >"$body"
  for number in $numbers; do
    id=$(gh api --paginate "$repository/issues/$number/comments" \
      --jq '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARKER))) | .id' | head -n 1)
    if [[ -n $id ]]; then
      gh api --method PATCH "$repository/issues/comments/$id" -F "body=@$body" --silent
      echo "updated $topic in #$number"
    else
      gh api --method POST "$repository/issues/$number/comments" -F "body=@$body" --silent
      echo "posted $topic in #$number"
    fi
  done
done
